"""Rows of organisations that take part: one by one, or several pasted into one box."""

from __future__ import annotations

import re
from typing import Any, cast

from django import forms

from register.core.forms import LineField, RegisterForm
from register.initiatives.services import Part
from register.initiatives.vocabulary import PartnerRole
from register.reference.picker import OrganisationField

MOST_PARTNERS = 40
# What is sent of a row of organisations, and what stands between names that were pasted into one.
ROW = ("organisation", "organisation_code", "organisation_for", "role", "note")
PARTED = re.compile(r"[;\t\r\n]")


class PartnerForm(RegisterForm):
    """A row: an organisation and its role. An empty row is no row."""

    organisation = OrganisationField(required=False, label="Organisation")
    role = forms.ChoiceField(choices=PartnerRole.choices, initial=PartnerRole.PARTY, label="Role")
    note = LineField(max_length=120, required=False, label="In what way")

    def part(self) -> Part | None:
        organisation = self.cleaned_data.get("organisation")
        if organisation is None:
            return None
        return Part(organisation, self.cleaned_data["role"], self.cleaned_data.get("note", ""))


class PartnerRows(forms.BaseFormSet):
    """The organisations that take part. Errors of the whole (no lead, two leads) stand on the set."""

    def parts(self) -> list[Part]:
        return [part for form in self.forms if (part := form.part()) is not None]


_PartnerFormSet = forms.formset_factory(
    PartnerForm, formset=PartnerRows, extra=0, max_num=MOST_PARTNERS, absolute_max=MOST_PARTNERS
)


def partner_rows(data: Any = None, *, initial: list[dict[str, Any]] | None = None) -> PartnerRows:
    """The rows of organisations, as posted or as they are."""
    return cast(PartnerRows, _PartnerFormSet(data, initial=initial, prefix="partners"))


def with_rows(data: Any, *, add: int = 0, remove: int | None = None) -> Any:
    """A copy of posted data with a row of organisations more, or one less: the steps without a script."""
    data = data.copy()
    total = int(data.get("partners-TOTAL_FORMS") or 0)
    if remove is not None and 0 <= remove < total:
        for index in range(remove, total):
            for name in ROW:
                following = data.get(f"partners-{index + 1}-{name}") if index + 1 < total else None
                data[f"partners-{index}-{name}"] = following or ""
        total -= 1
    for index in range(total, total + add):
        data[f"partners-{index}-role"] = PartnerRole.PARTY
    data["partners-TOTAL_FORMS"] = str(min(total + add, MOST_PARTNERS))
    return data


def with_pasted_rows(data: Any) -> Any:
    """Posted data in which each of several organisations that were pasted into one box has a row: "A; B; C".

    The first keeps the role that stood beside them, and no two lead. As it was where there would be too many rows.
    """
    told = str(data.get("partners-TOTAL_FORMS", ""))
    total = min(int(told), MOST_PARTNERS) if told.isdecimal() and len(told) < 4 else 0
    rows = [{name: data.get(f"partners-{index}-{name}", "") for name in ROW} for index in range(total)]
    if not any(_pasted(row["organisation"]) for row in rows):
        return data
    spread: list[dict[str, str]] = []
    for row in rows:
        first, *others = _pasted(row["organisation"]) or [row["organisation"]]
        spread.append(row | {"organisation": first} if first != row["organisation"] else row)
        spread += [
            dict.fromkeys(ROW, "") | {"organisation": one, "role": PartnerRole.PARTY} for one in others
        ]
    # They take the place of rows that nobody filled in.
    more = len(spread) - total
    spread = [row for row in spread if row["organisation"]] + [
        row for row in spread if not row["organisation"]
    ][more:]
    if len(spread) > MOST_PARTNERS:
        return data
    data = data.copy()
    for index, row in enumerate(spread):
        for name, value in row.items():
            data[f"partners-{index}-{name}"] = value
    data["partners-TOTAL_FORMS"] = str(len(spread))
    return data


def _pasted(text: str) -> list[str]:
    """The names in a text that were parted by semicolons, or were the cells of a spreadsheet; none in any other."""
    parts = [part.strip() for part in PARTED.split(text, maxsplit=MOST_PARTNERS + 1)]
    return [part for part in parts if part] if len(parts) > 1 else []
