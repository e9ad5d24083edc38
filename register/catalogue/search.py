"""What words find. Every word must be found somewhere in what a record says of itself, or be its reference."""

import re

from django.db.models import Exists, OuterRef, Q

from register.initiatives.models import InitiativeArea, InitiativePartner, InitiativePlace

REFERENCE = re.compile(r"^bl-?0*(\d{1,9})$", re.IGNORECASE)


def matching(words: str) -> Q:
    """The condition on initiatives for what somebody typed; an empty text matches all."""
    condition = Q()
    for word in words.replace("\x00", " ").split()[:12]:
        condition &= _one(word)
    return condition


def _one(word: str) -> Q:
    reference = REFERENCE.match(word)
    if reference:
        return Q(number=int(reference[1]))
    partners = InitiativePartner.objects.filter(
        Q(organisation__name__icontains=word) | Q(organisation__short_name__icontains=word),
        initiative=OuterRef("pk"),
    )
    areas = InitiativeArea.objects.filter(initiative=OuterRef("pk"), area_of_work__name__icontains=word)
    places = InitiativePlace.objects.filter(initiative=OuterRef("pk"), police_area__name__icontains=word)
    found = Q()
    for field in ("title", "purpose", "summary", "description"):
        found |= Q(**{f"{field}__icontains": word})
    return found | Q(Exists(partners)) | Q(Exists(areas)) | Q(Exists(places))
