"""One of everything in the table, on top of the sample: readers, records, a group's view, an edition."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from register.accounts.joining.asking import ask_for_access, confirm_request
from register.accounts.joining.domains import add_email_domain
from register.accounts.joining.services import invite
from register.accounts.models import User, WorkingGroup
from register.accounts.services import grant_role
from register.catalogue.services import save_view
from register.core.clock import now
from register.core.dates import LimitedDate
from register.core.files import accept
from register.core.tracking import origin, recorded
from register.digests.models import Delivery, Edition
from register.groups.models import ReviewFlag
from register.groups.services import notify_organisation
from register.initiatives import services
from register.initiatives.models import Initiative
from register.initiatives.services import Part
from tests.factories import TODAY, initiative, organisation, person, working_group
from tests.house.addresses import addresses, ours
from tests.permissions.table import STRANGER, Row

LEAD, PARTY, CONSULTED, ELSEWHERE = "derbyshire-police", "derbyshire-fire", "derby-council", "kent-police"
GROUP = "exampleshire"

# The records of the table: who may see them, and how they are marked.
RECORDS: dict[str, dict[str, Any]] = {
    "open": {},
    "partners": {"audience": "partners"},
    "groups": {"audience": "partners_and_groups"},
    "sensitive": {
        "audience": "partners_and_groups",
        "marking": "official_sensitive",
        "handling": "the two services only",
    },
    "draft": {"audience": "draft"},
    "deleted": {},
}

# Which row of a record an address is about, where its name does not say.
ROW_OF = {"saving_verify": "savings", "document_file": "documents"}


def readers(group: WorkingGroup) -> dict[str, User]:
    """Every kind of reader, named as the table names them."""
    found = {
        "nobody in particular": person(),
        "reader of the register": person("reader"),
        "auditor": person("auditor"),
        "administrator": person("administrator"),
        "contributor of one consulted": person("contributor", at=CONSULTED),
        "contributor who logged it": person("contributor", at=ELSEWHERE),
        "contributor elsewhere": person("contributor", at=ELSEWHERE),
        "organisation lead elsewhere": person("organisation_lead", at=ELSEWHERE),
        "group member": person("group_member", group=group),
        "chair": person("chair", group=group),
        "secretary": person("secretary", group=group),
        "secretary of another group": person("secretary", group=working_group()),
    }
    for name, role in (
        ("reader", "reader"),
        ("contributor", "contributor"),
        ("organisation lead", "organisation_lead"),
    ):
        found[f"{name} of the lead"] = person(role, at=LEAD)
        found[f"{name} of a party"] = person(role, at=PARTY)
    return found


@dataclass
class Record:
    """A record with one row of everything that has an address; `rows` by what the address calls it."""

    initiative: Initiative
    rows: dict[str, Any]

    @classmethod
    def of(cls, name: str, author: User, group: WorkingGroup) -> Record:
        made = initiative(
            f"A record: {name}",
            parties=[],
            by=author,
            named_groups=[group],
            **RECORDS[name],
        )
        with origin("test"):
            services.edit_initiative(
                by=None, initiative=made, version=None, on=TODAY,
                partners=[Part(organisation(LEAD), "lead"), Part(organisation(PARTY)),
                          Part(organisation(CONSULTED), "consulted")],
            )  # fmt: skip
            with recorded(by=None):
                return cls(made, hung_on(made, group))


def hung_on(record: Initiative, group: WorkingGroup) -> dict[str, Any]:
    """One row of each kind on the record; of money one of the lead's and one of a party's."""
    lead, party = organisation(LEAD), organisation(PARTY)
    told: dict[str, Any] = {"by": None, "initiative": record}
    benefit = services.add_benefit(**told, title="Rent", outcome="reduced_cost", kind="cashable")
    # One without lines, for a benefit takes its lines with it.
    alone = services.add_benefit(**told, title="Speed", outcome="shorter_response", kind="non_cashable")
    rows: dict[str, Any] = {"benefits": alone, "a benefit with lines": benefit}
    for whose, body in (("the lead’s", lead), ("a party’s", party)):
        money = {"organisation": body, "financial_year": 2026, "forecast_pence": 100, "actual_pence": 100}
        rows[f"savings {whose}"] = services.add_saving(by=None, benefit=benefit, **money)
        rows[f"costs {whose}"] = services.add_cost(**told, what_for="Lifts", **money)
        rows[f"funding {whose}"] = services.add_funding(**told, source="A fund", **money)
    rows["figures"] = services.state_figure(**told, kind="saving", basis="a_year", as_stated="Some £1m")
    rows["barriers"] = services.raise_barrier(
        **told, title="A bylaw", category="governance", severity="low", remover="local", on=TODAY, raised_on=TODAY
    )  # fmt: skip
    rows["milestones"] = services.add_milestone(**told, what="It opens", due=LimitedDate(TODAY, "day"))
    rows["agreements"] = services.add_agreement(**told, kind="memorandum", parties=[lead, party])
    rows["documents"] = services.add_document(
        **told, title="A plan", file=accept(ContentFile(b"Words.", name="plan.txt"))
    )
    rows["updates"] = services.add_update(
        **told, text="It goes.", confidence="green", noted_on=TODAY, on=TODAY
    )
    rows["consideration_edit"] = notify_organisation(
        **told, organisation=organisation(CONSULTED), notified_by=lead, notified_on=TODAY, on=TODAY
    )
    # A record may have been closed to a group since it was put before it.
    rows["review_flag_withdraw"] = ReviewFlag.objects.create(
        initiative=record, group=group, why="Please look."
    )
    return rows


class World:
    """Made once; each request of the walk is undone."""

    def __init__(self) -> None:
        self.group = WorkingGroup.objects.get(code=GROUP)
        self.people = readers(self.group)
        author = self.people["contributor who logged it"]
        self.records = {name: Record.of(name, author, self.group) for name in RECORDS}
        deleted = self.records["deleted"].initiative
        with origin("test"):
            services.delete_initiative(by=None, initiative=deleted, reason="Twice.", at=now())
            # What an address is given of each object of each kind of thing.
            self.objects: dict[str, dict[str, dict[str, Any]]] = {
                "view": self._views(),
                "edition": self._editions(),
                "person": self._persons(),
                "organisation": {"the lead": {"code": LEAD}, "another": {"code": "norfolk-police"}},
                "invitation": self._invitations(),
                **self._people(),
            }
        self.clients = {STRANGER: Client()}
        for name, user in self.people.items():
            self.clients[name] = Client()
            self.clients[name].force_login(user)
        self._found: dict[str, list[str]] = {}
        for name, address in addresses():
            self._found.setdefault(name, []).append(address)
        self._as_made = transaction.savepoint()

    def undo(self) -> None:
        """What a request did. All of them share a savepoint: one of its own for each would take three statements."""
        transaction.set_rollback(False)
        transaction.savepoint_rollback(self._as_made)

    def _views(self) -> dict[str, dict[str, Any]]:
        found = {}
        for name, groups in (("kept to oneself", []), ("shared with the group", [self.group])):
            view = save_view(by=None, name=name, parameters={}, on=TODAY, groups=groups)
            # Somebody who left the group: what they shared with it stays shared.
            view.owner = self.people["contributor of the lead"]
            view.save(update_fields=["owner"])
            found[name] = {"pk": view.pk}
        return found

    def _editions(self) -> dict[str, dict[str, Any]]:
        found, at = {}, now() - timedelta(days=1)
        for name, audience in (
            ("the group’s", {"group": self.group}),
            ("one’s own", {"person": self.people["contributor of the lead"]}),
        ):
            made = Edition.objects.create(
                starts_at=at - timedelta(days=7), ends_at=at, snapshot="1:1:", state="ready", **audience
            )
            Delivery.objects.create(
                edition=made, user=self.people["group member"], state="held", due_at=at, message_id=name
            )
            found[name] = {"public_id": made.public_id}
        # For the next one to say.
        record = Initiative.objects.get(title="Shared fleet workshop at Millbrook")
        services.add_update(
            by=None, initiative=record, text="It opens.", confidence="green", noted_on=TODAY, on=TODAY
        )
        return found

    def _persons(self) -> dict[str, dict[str, Any]]:
        somebody, off = person(), person()
        User.objects.filter(pk=off.pk).update(is_active=False)
        return {
            "somebody": {"public_id": somebody.public_id},
            "somebody whose account is off": {"public_id": off.public_id},
        }

    def _invitations(self) -> dict[str, dict[str, Any]]:
        told: dict[str, Any] = {"by": None, "now": now(), "email": "new@example.org"}
        return {
            "to the lead": {"pk": invite(**told, role="reader", organisation=organisation(LEAD)).pk},
            "to the group": {"pk": invite(**told, role="group_member", group=self.group).pk},
        }

    def _people(self) -> dict[str, dict[str, dict[str, Any]]]:
        lead, somebody = organisation(LEAD), person("reader", at=LEAD)
        role = grant_role(by=None, user=person(), role="chair", group=self.group)
        domain = add_email_domain(by=None, organisation=lead, domain="derbyshire.example")
        asked = ask_for_access(by=None, email="new@derbyshire.example")
        who = {"name": "Somebody New", "post": "Officer", "why": "To read.", "organisation": lead}
        confirm_request(by=None, asked=asked, now=now(), **who)
        return {
            "colleague": {"somebody of the lead": {"code": LEAD, "public_id": somebody.public_id}},
            "account": {"of anybody": {"public_id": somebody.public_id}},
            "role": {"in a group": {"public_id": role.user.public_id, "pk": role.pk}},
            "domain": {"of the lead": {"code": LEAD, "pk": domain.pk}},
            "request": {"to the lead": {"pk": asked.pk}},
        }

    def addresses(self, row: Row, thing: str) -> list[str]:
        """The addresses of an object that the row is about: of most one. A KeyError names what the world lacks."""
        if row.of in ("record", "open record", "line"):
            return [self._of_record(row, thing)]
        if row.of in self.objects:
            return [reverse(row.name, kwargs=self.objects[row.of][thing])]
        found = self._found[row.name]
        return [one for one in found if row.of != "group" or f"/groups/{GROUP}/" in one]

    def _of_record(self, row: Row, thing: str) -> str:
        record = self.records["open" if row.of == "line" else thing]
        wanted = re.findall(r"<\w+:(\w+)>", ours()[row.name])
        known: dict[str, Any] = {
            "reference": record.initiative.reference,
            "slug": row.slug,
            "column": "summary",
        }
        if "pk" in wanted:
            what = row.slug or ROW_OF.get(row.name, row.name)
            known["pk"] = record.rows[f"{what} {thing}" if row.of == "line" else what].pk
        return reverse(row.name, kwargs={name: known[name] for name in wanted})
