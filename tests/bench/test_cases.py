"""The bench itself: its cases ask and judge rightly, and a wrong answer is told from a right one."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, override_settings

from register.accounts.models import WorkingGroup
from register.core.tracking import origin
from register.groups.services import set_remit
from register.initiatives.models import Initiative
from register.pages.sample.people import add_groups
from tests.bench import expected
from tests.bench.asking import Answer, Browser, WrongAnswerError
from tests.bench.cases import Cases, is_there
from tests.bench.digests import measure_digests
from tests.bench.exporting import measure_export
from tests.bench.people import GROUP, roster
from tests.bench.permitting import CASES as PERMISSION
from tests.bench.permitting import somebody, without_the_rule
from tests.bench.preparing import HOST
from tests.bench.telling import CASES, foot, growth_lines, line
from tests.factories import initiative
from tests.sample.test_scale import seed_as_owner


def test_every_case_gets_the_answer_it_expects_and_knows_another(fresh_database: Any, settings: Any) -> None:
    settings.ROOT_URLCONF, settings.ALLOWED_HOSTS = "tests.bench.urls", [HOST]
    seed_as_owner(150)
    with origin("test"):
        set_remit(by=None, group=WorkingGroup.objects.get(code=GROUP), name="Everything", parameters={})
    cases = Cases(Browser())
    assert {*cases.all(), *PERMISSION, "export_csv", "digest_send"} == set(CASES)
    for name, (address, ask) in cases.all().items():
        assert is_there(address), name
        asked = ask(3)
        answer = cases.browser.get(asked.user, asked.url)
        assert answer.status == 200, name
        assert 0 < answer.sql_ms < answer.ms
        asked.check(answer)
        with pytest.raises(WrongAnswerError):
            asked.check(Answer(200, b"<p>Nothing</p>", 1.0))
    told = measure_export(cases)
    assert told["first_byte_ms"] > 0 < told["ratio"]
    assert told["queries"] > 3


def test_the_rate_of_digests_is_of_messages_that_arrived(fresh_database: Any) -> None:
    seed_as_owner(40)
    with override_settings():  # it sends to a mail server of its own
        told = measure_digests(6, 12, 5, runs=1, two=False)
    assert told["rate"] > 0 < told["bare_rate"]
    assert told["bytes"] > 5000


@pytest.mark.django_db
def test_what_is_expected_is_what_the_register_lets_people_see() -> None:
    with origin("test"):
        add_groups()
    people = roster()
    mine = people[1]
    body = mine.roles.exclude(organisation=None).first().organisation
    for audience in ("everyone", "partners", "partners_and_groups", "draft"):
        initiative(f"For {audience}", lead=body.code, audience=audience)
        initiative(f"Of others for {audience}", audience=audience)
    for user in people[:7]:
        seen = Initiative.objects.visible_to(user).order_by("-changed_at", "-id")
        assert expected.references(user) == [record.reference for record in seen]


@pytest.mark.django_db
def test_without_the_rule_whoever_asks_sees_everything_and_afterwards_no_more_than_before() -> None:
    with origin("test"):
        add_groups()
    user, hidden = somebody(), initiative("Hidden", audience="draft")
    address = hidden.get_absolute_url()
    client = Client()
    client.force_login(user)
    assert (len(user.holdings.organisations), len(user.holdings.groups)) == (3, 5)
    with without_the_rule():
        assert hidden in Initiative.objects.visible_to(user)
        assert client.get(address).status_code == 200
    assert hidden not in Initiative.objects.visible_to(user)
    assert client.get(address).status_code == 404


def test_a_case_is_told_with_its_goal_and_growth_as_a_power_of_the_size() -> None:
    def measured(rows: int, ms: float) -> dict[str, Any]:
        times = {"median_ms": ms, "p95_ms": ms, "ratio": ms / 5, "sql_ms": 1}
        return {"rows": rows, "cases": [{"case": "list", "queries": 13, "bytes": 9, "runs": 25} | times]}

    both = [measured(10_000, 20.0), measured(100_000, 40.0)]
    assert list(growth_lines(both))[1].split() == ["list", "2.00", "0.301"]
    assert line(both[1]["cases"][0]).endswith(" over more than 12 queries")
    assert "busy" not in foot({"baseline_ms": 6.5, "load": 0.1})
    assert "busy" in foot({"baseline_ms": 6.5, "load": 999.0})
