"""Which organisations, places and areas of work: current ones, those of a place, those that a text finds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Self

from django.contrib.postgres.aggregates import StringAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import models
from django.db.models import Case, Exists, ExpressionWrapper, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Concat, Lower, Replace, Round

if TYPE_CHECKING:
    from register.reference.models import AreaOfWork, Organisation, PoliceArea

# A mistyped word still shares this much with the right one (pg_trgm's own default of 0.6 misses most).
ALIKE = 0.3

# So many letters of the initials of a name are typed for it: fewer begin too many.
INITIALS = range(3, 9)
TEXT: models.Field = models.TextField()

# Words that people type for a kind and that are not always in the name: "Derbyshire police" is a
# constabulary.
KIND_WORDS = {
    "police": "police force constabulary",
    "policing_body": "policing body police crime commissioner pcc opcc",
    "fire": "fire and rescue service authority frs",
    "ambulance": "ambulance service nhs trust",
    "council": "council",
}

# What staff write for a county. Looked for beside the word itself.
SHORT_FOR = {
    "beds": "bedfordshire", "berks": "berkshire", "bucks": "buckinghamshire", "cambs": "cambridgeshire",
    "derbys": "derbyshire", "glos": "gloucestershire", "gtr": "greater", "hants": "hampshire",
    "herts": "hertfordshire", "lancs": "lancashire", "leics": "leicestershire", "lincs": "lincolnshire",
    "northants": "northamptonshire", "notts": "nottinghamshire", "oxon": "oxfordshire", "salop": "shropshire",
    "staffs": "staffordshire", "warks": "warwickshire", "wilts": "wiltshire", "worcs": "worcestershire",
    "yorks": "yorkshire",
}  # fmt: skip


def search_words(text: str) -> list[str]:
    """The words of a typed text as they are compared: lower case, without accents, "&" read as "and"."""
    plain = unicodedata.normalize("NFKD", text.replace("&", " and ").casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c)).replace("'", "").replace("’", "")
    return [word[:40] for word in re.findall(r"[a-z0-9]+", plain[:400])][:12]


def _plain(expression: str | models.expressions.Combinable) -> models.expressions.Combinable:
    """The same in SQL, as far as names need it."""
    plain: models.expressions.Combinable = Lower(expression)
    for old, new in (("&", "and"), ("'", ""), ("’", ""), ("-", " "), (",", "")):
        plain = Replace(plain, Value(old), Value(new))
    return models.Func(plain, function="unaccent", output_field=models.TextField())


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def current(self, on: date) -> Self:
        """Organisations that exist on a day. A start that nobody knows is taken to be long ago."""
        return self.filter(_there(on))

    def ended(self, on: date) -> Self:
        return self.filter(ends_on__lte=on)

    def real(self) -> Self:
        """Without the fictional ones of the demonstration, which no national number counts."""
        return self.filter(is_fictional=False)

    def of_kind(self, *kinds: str) -> Self:
        return self.filter(kind__in=kinds)

    def territorial(self) -> Self:
        """Those that cover at least one police area; national bodies do not."""
        return self.filter(Exists(_rows_of(self, "coverage")))

    def covering(self, *areas: PoliceArea) -> Self:
        """Organisations of any kind that cover at least one of the police areas."""
        return self.filter(coverage__area__in=areas).distinct()

    def with_areas(self) -> Self:
        """With their police areas fetched, for lists."""
        return self.prefetch_related("areas")

    def search(self, text: str, *, on: date | None = None, limit: int = 12) -> Self:
        """The organisations that a typed text means, best first; nothing for an empty text.

        By the start of a name, its initials ("HFRS"), an abbreviation or a former name, then by words in any
        order; only if none is found, by likeness, so that "Derbishire" finds Derbyshire. Those that exist (`on`
        a day, else: have not ended) come before those that do not.
        """
        words = search_words(text)
        if not words:
            return self.none()
        found = self._with_search_columns(" ".join(words), on)
        exact = found
        for word in words:
            meant = Q(search_text__regex=rf"\m({word}|{SHORT_FOR.get(word, word)})")
            if len(words) == 1 and len(word) in INITIALS:
                meant |= Q(initials__startswith=word.upper())
            exact = exact.filter(meant)
        best = exact.order_by("-is_there", "search_tier", "kind_rank", "name", "pk")[:limit]
        if best:  # fetched here, and not again by whoever shows it
            return best
        alike = found.alias(likeness=TrigramWordSimilarity(" ".join(words), "search_text"))
        order = (Round("likeness", 1).desc(), "-is_there", "kind_rank", "name", "pk")
        return alike.filter(likeness__gte=ALIKE).order_by(*order)[:limit]

    def _with_search_columns(self, plain: str, on: date | None) -> Self:
        """`search_text` (all names and kind), `search_tier` (0 the very name … 2 somewhere), `is_there`."""
        other = _rows_of(self, "other_names")
        names = other.order_by().values("organisation").annotate(all=StringAgg("name", " ")).values("all")
        kinds = Case(
            *(When(kind=kind, then=Value(words)) for kind, words in KIND_WORDS.items()), default=Value("")
        )
        gap = Value(" ")
        other_names = Coalesce(Subquery(names), Value(""), output_field=models.TextField())
        text = Concat(
            "name", gap, "short_name", gap, other_names, gap, kinds, output_field=models.TextField()
        )
        other_plain = other.alias(plain=_plain("name"))
        return self.alias(
            search_text=_plain(text),
            kind_rank=Case(
                *(When(kind=kind, then=Value(rank)) for rank, kind in enumerate(KIND_WORDS)), default=Value(9)
            ),
            initials=models.Func(
                "name", Value("[^A-Z]"), Value(""), Value("g"), function="regexp_replace", output_field=TEXT
            ),
            plain_name=_plain("name"),
            plain_short=_plain("short_name"),
            is_there=ExpressionWrapper(_there(on), output_field=models.BooleanField()),
        ).alias(
            search_tier=Case(
                When(
                    Q(plain_name=plain) | Q(plain_short=plain) | Exists(other_plain.filter(plain=plain)),
                    then=Value(0),
                ),
                When(Q(plain_name__startswith=plain) | Q(plain_short__startswith=plain), then=Value(1)),
                When(initials=plain.upper(), then=Value(1)),
                When(Exists(other_plain.filter(plain__startswith=plain)), then=Value(2)),
                default=Value(3),
            )
        )


def _there(on: date | None) -> Q:
    if on is None:
        return Q(ends_on=None)
    return (Q(ends_on=None) | Q(ends_on__gt=on)) & (Q(starts_on=None) | Q(starts_on__lte=on))


def _rows_of(organisations: models.QuerySet, relation: str) -> models.QuerySet:
    """The rows of a reverse relation that belong to each organisation, for a subquery."""
    rows = organisations.model._meta.get_field(relation).related_model
    return rows._default_manager.filter(organisation=OuterRef("pk"))


class PoliceAreaQuerySet(models.QuerySet["PoliceArea"]):
    def real(self) -> Self:
        """Without Exampleshire: the 43 areas of England and Wales (and any that have been retired)."""
        return self.filter(is_fictional=False)

    def on_the_map(self) -> Self:
        """The areas drawn as tiles: real ones that have not been retired."""
        return self.filter(is_fictional=False, retired_on=None)

    def covered_by(self, organisations: Iterable[Organisation]) -> Self:
        """The areas that at least one of the organisations covers; what a lead suggests for "places"."""
        return self.filter(coverage__organisation__in=list(organisations)).distinct()


class AreaOfWorkQuerySet(models.QuerySet["AreaOfWork"]):
    def active(self) -> Self:
        """Those that can be chosen today: neither retired nor merged into another."""
        return self.filter(retired_on=None)

    def with_merged(self) -> Self:
        """Each with `merged_keys`: the keys of those that became part of it."""
        merged = self.model._default_manager.filter(merged_into=OuterRef("pk")).order_by().values("pk")
        return self.annotate(merged_keys=ArraySubquery(merged))

    def keys_with_merged(self, areas: Iterable[AreaOfWork]) -> list[int]:
        """The keys of these areas and of all that were merged with them: what a filter by area matches.

        One that was merged away means what it became (merges never form a chain). No query for areas that came
        `with_merged` and were not.
        """
        areas = list(areas)
        if all(area.merged_into_id is None and hasattr(area, "merged_keys") for area in areas):
            return [key for area in areas for key in (area.pk, *getattr(area, "merged_keys", ()))]
        meant = {area.merged_into_id or area.pk for area in areas}
        return list(self.filter(Q(pk__in=meant) | Q(merged_into__in=meant)).values_list("pk", flat=True))
