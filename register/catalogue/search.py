"""What words find: words, "exact phrases" and -exclusions, in all that a record says of itself."""

from __future__ import annotations

import re

from django.contrib.postgres.search import SearchQuery
from django.db.models import QuerySet

from register.initiatives.models import Initiative

# BL-00042, bl42 or BL 42; the catalogue holds it as BL00042, one word.
REFERENCE = re.compile(r"\bbl[- ]?0*(\d{1,9})\b", re.IGNORECASE)
CONFIG = "english"


def find(initiatives: QuerySet[Initiative], words: str) -> QuerySet[Initiative]:
    """Those of the initiatives that hold the words."""
    return initiatives.filter(words__document=as_query(words))


def as_query(words: str) -> SearchQuery:
    """The words as PostgreSQL's own web search reads them; nothing that is typed is an error."""
    return SearchQuery(with_references(words), config=CONFIG, search_type="websearch")


def with_references(words: str) -> str:
    return REFERENCE.sub(lambda match: f"BL{int(match[1]):05d}", words)
