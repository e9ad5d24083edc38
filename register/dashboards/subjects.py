"""What a dashboard is of: a working group's remit, a saved view, a police area, an organisation, or everything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from register.accounts.models import WorkingGroup
from register.catalogue.models import SavedView
from register.core.clock import now
from register.groups.remit import NO_REMIT, remit_parameters
from register.groups.views.common import Tab, address, group_for, head
from register.reference.models import Organisation, PoliceArea

Parameters = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Subject:
    """A set of the catalogue's parameters under a name, and where its pages are.

    `parameters` are None for a group that has no remit. `key` is what its addresses carry.
    """

    kind: str
    name: str
    parameters: Parameters | None
    key: Mapping[str, Any] = field(default_factory=dict)
    group: WorkingGroup | None = None
    since: datetime | None = None  # when the group last met
    url: str = ""  # of the thing itself
    is_fictional: bool = False

    def page(self, name: str) -> str:
        """The address of one of its pages, such as `state_of_play`."""
        return address(f"{self.kind}_{name}", **self.key)

    @property
    def missing(self) -> tuple[str, ...]:
        """Why there is nothing to count, if it can't be."""
        return (NO_REMIT,) if self.parameters is None else ()

    @classmethod
    def of_group(cls, group: WorkingGroup) -> Subject:
        """`last_met_at` is what `group_for` puts there."""
        return cls(
            "group",
            group.name,
            remit_parameters(group),
            {"code": group.code},
            group,
            getattr(group, "last_met_at", None),
            group.get_absolute_url(),
            group.is_fictional,
        )


def _group(request: HttpRequest, code: str) -> Subject:
    return Subject.of_group(group_for(request, code))


def _view(request: HttpRequest, pk: int) -> Subject:
    """A saved view that the reader may see; 404 for any other."""
    view = get_object_or_404(SavedView.objects.visible_to(request.user), pk=pk)
    kept = {name: list(values) for name, values in view.parameters.items() if values}
    return Subject("view", view.name, kept, {"pk": pk}, url=reverse("view_list"))


def _place(request: HttpRequest, slug: str) -> Subject:
    area = get_object_or_404(PoliceArea, slug=slug)
    return Subject(
        "place",
        area.name,
        _of("place", area.slug, area.is_fictional),
        {"slug": slug},
        url=area.get_absolute_url(),
        is_fictional=area.is_fictional,
    )


def _organisation(request: HttpRequest, code: str) -> Subject:
    body = get_object_or_404(Organisation, code=code)
    return Subject(
        "organisation",
        body.name,
        _of("org", body.code, body.is_fictional),
        {"code": code},
        url=reverse("organisation", args=[code]),
        is_fictional=body.is_fictional,
    )


def _everything(request: HttpRequest) -> Subject:
    return Subject("everything", "The whole register", {}, url=reverse("initiative_list"))


def _of(name: str, code: str, is_fictional: bool) -> dict[str, list[str]]:
    return {name: [code]} | ({"example": ["only"]} if is_fictional else {})


SUBJECTS: dict[str, Callable[..., Subject]] = {
    "group": _group,
    "view": _view,
    "place": _place,
    "organisation": _organisation,
    "everything": _everything,
}


def subject_of(request: HttpRequest, kind: str, **key: Any) -> Subject:
    """The subject of an address: 404 for what there is not, 403 with a reason for a group that is not the reader's."""
    if kind not in SUBJECTS:
        raise Http404
    return SUBJECTS[kind](request, **key)


# The three pages, and those that they link to.
PAGES = (
    ("state_of_play", "State of play"),
    ("opportunities", "Opportunities"),
    ("barriers", "Barriers"),
)
LINKED = ("organisations", "figures", "gaps", "others", "doors", "open_barriers")


def page_context(request: HttpRequest, subject: Subject, tab: str) -> dict[str, Any]:
    """What every page of a dashboard shows: its subject and its tabs. A group's stand among the group's others."""
    urls = {name: subject.page(name) for name in (*dict(PAGES), *LINKED)}
    told: dict[str, Any] = {"subject": subject, "urls": urls}
    if subject.group is not None:
        return told | head(request, subject.group, f"group_{tab}")
    tabs = [Tab(label, urls[name], name == tab) for name, label in PAGES]
    return told | {"tabs": tabs, "as_of": now()}
