"""What a misspelt word was meant to be: a word of a name or a title that the reader may see."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.lookups import GreaterThan

from register.catalogue.search import find
from register.initiatives.models import Initiative
from register.reference.models import AreaOfWork, Organisation, PoliceArea

WORD = re.compile(r"[^\W\d_]{4,}")
# Two words as alike as this (0 to 1) may be one misspelt.
ALIKE = 0.7
MOST_WORDS = 6


def what_was_meant(initiatives: QuerySet[Initiative], words: str) -> str:
    """The same search with words that nothing holds put right; "" when there is nothing better to look for.

    `initiatives` are those the reader may see, so that no correction tells of a record that they may not.
    """
    corrected = words
    for word in list(dict.fromkeys(WORD.findall(words)))[:MOST_WORDS]:
        if find(initiatives, word).exists():
            continue
        better = _nearest(initiatives, word)
        if better:
            corrected = re.sub(rf"\b{re.escape(word)}\b", better, corrected)
    if corrected == words or not find(initiatives, corrected).exists():
        return ""
    return corrected


def _nearest(initiatives: QuerySet[Initiative], word: str) -> str:
    names: list[str] = []
    for model in (AreaOfWork, PoliceArea, Organisation):
        alike = TrigramWordSimilarity(word, "name")
        rows = model._default_manager.filter(GreaterThan(alike, 0.3)).order_by(alike.desc())
        names += rows.values_list("name", flat=True)[:10]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', '0.4', true)")
        titles = (
            initiatives.filter(title__trigram_word_similar=word)
            .order_by(TrigramWordSimilarity(word, "title").desc())
            .values_list("title", flat=True)[:20]
        )
        names += titles
    candidates = {found for name in names for found in WORD.findall(name)}
    likeness = {found: _likeness(word, found) for found in candidates}
    best = max(sorted(candidates), key=lambda found: likeness[found], default="")
    return best if best and likeness[best] >= ALIKE else ""


def _likeness(typed: str, word: str) -> float:
    typed, word = typed.casefold(), word.casefold()
    if len(typed) > 4 and word.startswith(typed):
        return 0.95
    return SequenceMatcher(None, typed, word).ratio()
