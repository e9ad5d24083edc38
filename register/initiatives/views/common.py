"""Finding the record a page is about."""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import Any

from django.core.cache import cache
from django.http import Http404

from register.accounts.permissions import has_permission, require
from register.accounts.roles import Audience, Permission
from register.core.clock import now
from register.core.noted import Noted
from register.core.tracking import note, note_each
from register.initiatives.models import Document, Initiative
from register.initiatives.whole import gather, whole

NOTED_AGAIN_AFTER = 60 * 60  # seconds


def visible_or_404(user: Any, reference: str) -> Initiative:
    """The record, for who may open it; for anybody else, and when it is deleted, there is none."""
    initiative = Initiative.objects.kept().by_reference(reference)
    gather([initiative] if initiative else [], ["partners", "named_groups"])
    return opened(user, initiative)


def whole_or_404(user: Any, reference: str, *also: str) -> Initiative:
    """The same with all that hangs on it, and what the managers named in `also` give."""
    return opened(user, whole(reference, *also))


def opened(user: Any, initiative: Initiative | None) -> Initiative:
    """The record, deleted or not, for who may open it: another's draft, or what is sensitive, is not opened unseen.

    One note an hour of each person and record says so; its lead reads it in the history. What everybody may see
    costs no query.
    """
    if initiative is None or not has_permission(user, Permission.OPEN, initiative):
        raise Http404
    if is_overseen(user, initiative):
        note_draft_opened(user, initiative)
    elif initiative.is_sensitive:
        _note(Noted.OPENED_SENSITIVE, user, initiative)
    return initiative


def note_draft_opened(user: Any, initiative: Initiative) -> None:
    """That somebody was shown what others drafted, as it is or as it was, because they answer for the register."""
    _note(Noted.OPENED_DRAFT, user, initiative)


def is_overseen(user: Any, initiative: Initiative) -> bool:
    """Whether it is a draft of others, which the user opens only because they answer for the register."""
    return initiative.audience == Audience.DRAFT and not has_permission(user, Permission.VIEW, initiative)


def document_opened(user: Any, document: Document) -> None:
    """A file of such a record leaves the register for good: which one is noted, once an hour too."""
    initiative = document.initiative
    if initiative.is_sensitive or is_overseen(user, initiative):
        _note(Noted.OPENED_DOCUMENT, user, initiative, object_id=document.pk)


def note_sensitive(user: Any, *shown: Iterable[Initiative | None]) -> None:
    """That somebody was shown what is sensitive on a page about several records, or about what hangs on them.

    One note an hour of each person and record, as when it is opened; of a page with none that is new, one query, and
    of one with nothing sensitive none.
    """
    note_sensitive_keys(user, {one.pk for some in shown for one in some if one and one.is_sensitive})


def note_sensitive_keys(user: Any, keys: Set[int]) -> None:
    """The same for who has only the keys of the sensitive records that were shown."""
    if not keys:
        return
    mine, at = _key(Noted.OPENED_SENSITIVE, user), now().timestamp()
    of_one = {_key(Noted.OPENED_SENSITIVE, user, key): key for key in keys}
    known = cache.get_many([mine, *of_one])
    lately = {key: then for key, then in known.pop(mine, {}).items() if then > at - NOTED_AGAIN_AFTER}
    new = keys - lately.keys() - {of_one[key] for key in known}
    if new:
        note_each(Noted.OPENED_SENSITIVE, by=user, roots=sorted(new))
        # One row for all of them: the cache is in the database, and writes key by key.
        cache.set(mine, lately | dict.fromkeys(new, at), NOTED_AGAIN_AFTER)


def _note(kind: Noted, user: Any, initiative: Initiative, *, object_id: int = 0) -> None:
    key, mine = _key(kind, user, initiative.pk, object_id), _key(kind, user)
    known = cache.get_many([key, mine])
    if known.get(mine, {}).get(initiative.pk, 0) > now().timestamp() - NOTED_AGAIN_AFTER:
        return
    # To ask is one query, to add is five.
    if key not in known and cache.add(key, True, NOTED_AGAIN_AFTER):
        note(kind, by=user, root=initiative, object_id=object_id)


def _key(kind: Noted, user: Any, initiative: int | None = None, object_id: int = 0) -> str:
    """Of one record, or what hangs on it; without one, of those that were shown among others."""
    return f"{kind}:{user.pk}" + (f":{initiative}:{object_id}" if initiative else "")


def editable_or_403(user: Any, reference: str) -> Initiative:
    """The record, for who may keep it current; a page that says why not for who may only see it."""
    initiative = visible_or_404(user, reference)
    require(user, Permission.EDIT, initiative)
    return initiative
