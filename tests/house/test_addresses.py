"""Every address: closed to strangers, whole for those who may open it, with links that lead somewhere."""

import re
from collections import Counter
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import resolve

from register.accounts.models import User
from tests.house.addresses import OF_EDITIONS, PUBLIC, addresses, ours, pages
from tests.house.strict import inline

# A group's secretary and chair draw up its asks.
ASKING = {
    "group_ask_new",
    "group_ask_edit",
    "group_ask_asked",
    "group_ask_answer",
    "group_ask_answer_correct",
    "group_ask_close",
    "group_ask_withdraw",
}
# Who opens every page, and what is not theirs: a page that says so.
REFUSED = {
    "contributor": {
        "components",
        "draft_list",
        "saving_verify",
        "group_decision_new",
        "group_decision_correct",
        "group_meeting_new",
        "group_meeting_agenda",
        "group_meeting_edit",
        "group_meeting_end",
        "group_meeting_cancel",
        "group_edit",
        "group_remit",
        "group_remit_change",
        "group_member_add",
        "group_member",
        "group_member_remove",
        "group_invite",
        "organisation_invite",
        "people_invite",
        "organisation_people",
        "organisation_domains",
        "organisation_person",
        "organisation_person_end",
        "people",
        "person_manage",
        "person_edit",
        "person_data",
        "person_erase",
        "group_digest_schedule",
        "group_digest_preview",
        "group_digest_note",
        "ledger",
        *ASKING,
    },
    "administrator": {"group_decision_new", "group_decision_correct", *ASKING},
}
# Of links to one kind of page, as many as tell whether they work.
MOST_OF_A_KIND = 6


class Page(HTMLParser):
    """The links and ids of a page, and what its forms ask for."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.forms = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if told.get("id"):
            self.ids.append(str(told["id"]))
        if tag == "a" and told.get("href"):
            self.links.append(str(told["href"]))
        if tag == "form" and told.get("method") == "post":
            self.forms += 1


def signed_in(who: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(email__startswith=f"{who}@"))
    return client


def test_every_address_asks_a_stranger_to_sign_in(sample) -> None:
    stranger = Client()
    found = addresses()
    # The sample has no edition yet; their own tests look at its pages.
    assert {name for name, _ in found} == set(ours()) - OF_EDITIONS
    for name, address in found:
        for answer in (stranger.get(address), stranger.post(address)):
            if name in PUBLIC:
                # An empty request for access is a form with mistakes.
                allowed = (200, 400, 404, 405) + ((422,) if name == "access_ask" else ())
                assert answer.status_code in allowed, (name, address)
            else:
                assert answer.status_code == 302, (name, address)
                assert answer.headers["Location"].startswith("/account/login/"), (name, address)


@pytest.mark.parametrize("who", REFUSED)
def test_every_page_opens_and_every_link_on_it_leads_somewhere(sample, who: str) -> None:
    client = signed_in(who)
    seen: dict[str, int] = {}
    kinds: Counter[str] = Counter()
    opened = {address: client.get(address) for _, address in pages()}
    for name, address in pages():
        answer = opened[address]
        if name in REFUSED[who]:
            assert answer.status_code == 403, (name, address)
            continue
        assert answer.status_code in (200, 302), (name, address)
        if answer.status_code == 302:
            continue
        html = answer.content.decode()
        assert not inline(html), address
        page = Page(html)
        assert len(page.ids) == len(set(page.ids)), (address, [i for i in page.ids if page.ids.count(i) > 1])
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or link.startswith("#"):
                assert not link.startswith("#") or link[1:] in page.ids, (address, link)
                continue
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            target = target if parts.path else address.split("?")[0] + target
            kind = resolve(target.split("?")[0]).view_name
            if target not in seen and kinds[kind] < MOST_OF_A_KIND:
                kinds[kind] += 1
                found = opened.get(target) or client.get(target)
                seen[target] = found.status_code
                for (
                    close
                ) in found._resource_closers:  # the response's own close ends the test's connection too
                    close()
            # A link to what one's roles do not open leads to a page that says so.
            assert seen.get(target, 200) in (200, 302, 403), (address, link)
    assert len(seen) > 50


def test_a_form_with_nothing_in_it_names_each_mistake_and_links_to_its_field(sample) -> None:
    client = signed_in("contributor")
    tried = 0
    for name, address in pages():
        if not name.endswith(("_new", "_edit", "_stage", "_standing", "_no_figure", "_delete")):
            continue
        answer = client.post(
            address, {"save": "", "partners-TOTAL_FORMS": "0", "partners-INITIAL_FORMS": "0"}
        )
        if answer.status_code in (302, 403):
            continue  # nothing is required here, or it is not theirs
        assert answer.status_code == 422, (name, address, answer.status_code)
        html = answer.content.decode()
        assert "to put right" in html, (name, address)
        summary = html.split("govuk-error-summary__list", 1)[1].split("</ul>", 1)[0]
        targets = re.findall(r'href="#([^"]+)"', summary)
        ids = Page(html).ids
        assert targets, (name, address)
        assert not [target for target in targets if target not in ids], (name, address)
        tried += 1
    assert tried >= 12


def test_an_unknown_reference_is_a_page_that_offers_search(sample) -> None:
    answer = signed_in("reader").get("/initiatives/BL-99999/")
    assert answer.status_code == 404
    assert b'role="search"' in answer.content


@pytest.mark.parametrize(
    "title", ["Shared drones for searches", "Station Road site", "Joint protection of public figures"]
)
def test_what_one_may_not_see_is_nowhere(sample, title: str) -> None:
    """Neither its page, nor its history, nor in any list, search or number of somebody without the role."""
    from register.initiatives.models import Initiative

    record = Initiative.objects.get(title=title)
    client = signed_in("reader")
    for part in ("", "history/", "edit/", "stage/"):
        assert client.get(f"/initiatives/{record.reference}/{part}").status_code == 404
    places = [
        "/",
        "/history/",
        "/initiatives/?example=only",
        f"/initiatives/?example=with&q={title.split()[0]}",
    ]
    places += ["/organisations/exampleshire-police/", "/places/exampleshire/", "/recently-deleted/"]
    places += [f"/initiatives/?example=only&q={record.reference}"]
    for place in places:
        html = client.get(place).content.decode()
        assert title not in html, place
        assert f"/initiatives/{record.reference}/" not in html, place
