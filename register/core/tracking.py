"""Telling the ledger who writes, from where and why.

The ledger itself is written by a database trigger (see `register/migrations/_database.py`), which refuses a
change to a tracked table unless the transaction has said where it comes from. `origin` says where (once a
request, task or command), `write_door` says who and why (once a verb), `note` keeps what changes no row.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from uuid import uuid4

import pgtrigger
from django.db import connection, transaction

from register.core.noted import Noted

SOURCES = ("web", "admin", "task", "command", "import", "sample", "test")

P = ParamSpec("P")
R = TypeVar("R")


class UnrecordedWriteError(RuntimeError):
    """A write door was used outside `origin`: nobody said where the change comes from."""


@dataclass(frozen=True)
class Origin:
    source: str
    request_id: str


_origin: ContextVar[Origin | None] = ContextVar("origin", default=None)
_told: ContextVar[tuple[int | None, str] | None] = ContextVar("told", default=None)


class _Track(pgtrigger.Trigger):
    """A trigger that calls the ledger's one writer.

    The function that pgtrigger makes for each trigger is not called: it runs with the application's rights, and who
    sets `pgtrigger.ignore` switches it off.
    """

    name = "track"
    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete
    func = "RETURN NULL;"

    def __init__(self, *, root: str, exclude: Sequence[str]) -> None:
        self._arguments = f"'{root}', '{{{','.join(exclude)}}}'"
        super().__init__()

    def render_execute(self, model: Any) -> str:
        return f"register_track({self._arguments})"


def tracked(*, root: str = "", exclude: Sequence[str] = ()) -> pgtrigger.Trigger:
    """The trigger that writes every change of a table to the ledger.

    `root` names how a row leads to its initiative: "" (to none), "id", "initiative_id", or
    "benefit_id:register_benefit" (through that table's `initiative_id`). `exclude` names columns that are never
    written to the ledger: secrets, contacts, names of people.
    """
    return _Track(root=root, exclude=exclude)


@contextmanager
def origin(source: str, *, request_id: str = "") -> Iterator[None]:
    """Everything written inside comes from `source` (one of SOURCES)."""
    if source not in SOURCES:
        raise ValueError(f"unknown source: {source}")
    token = _origin.set(Origin(source, request_id or uuid4().hex))
    try:
        yield
    finally:
        _origin.reset(token)


def _tell(actor_id: int | None, reason: str, where: Origin) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('register.actor', %s, true), set_config('register.reason', %s, true),"
            " set_config('register.source', %s, true), set_config('register.request', %s, true)",
            ["" if actor_id is None else str(actor_id), reason, where.source, where.request_id],
        )


@contextmanager
def recorded(*, by: Any, reason: str = "") -> Iterator[None]:
    """One transaction whose changes are `by` a user (None: the register itself) for `reason`.

    Nested calls by the same person keep the outer reason unless they give their own. Raises
    UnrecordedWriteError outside `origin`.
    """
    where = _origin.get()
    if where is None:
        raise UnrecordedWriteError(
            "Wrap this in register.core.tracking.origin(source): the ledger must know."
        )
    outer = _told.get()
    told = (getattr(by, "pk", None), reason or (outer[1] if outer else ""))
    with transaction.atomic():
        if told == outer:
            yield
            return
        _tell(*told, where)
        token = _told.set(told)
        try:
            yield
        finally:
            _told.reset(token)
        if outer is not None:
            _tell(*outer, where)


def write_door(service: Callable[P, R]) -> Callable[P, R]:
    """Make a service atomic and recorded. It takes `by` (a user or None) and may take `reason`."""

    @wraps(service)
    def door(*args: P.args, **kwargs: P.kwargs) -> R:
        with recorded(by=kwargs.get("by"), reason=str(kwargs.get("reason") or "")):
            return service(*args, **kwargs)

    return door


def note(
    kind: str, *, by: Any, root: Any = None, object_id: int = 0, detail: Mapping[str, Any] | None = None
) -> None:
    """One row of the ledger for what somebody did that changes no row: signing in, exporting, opening a draft.

    `kind` is one of Noted; `by` a user or None; `root` the initiative it is about, if any; `object_id` the key of
    whatever else; `detail` ids and codes, never a name, an address or a secret. Commits at once, or with the
    transaction it is called in. ValueError for a kind that is none, UnrecordedWriteError outside `origin`.
    """
    with recorded(by=by), connection.cursor() as cursor:
        cursor.execute(
            "SELECT register_note(%s, %s, %s, %s::jsonb)",
            [Noted(kind).value, object_id, getattr(root, "pk", None), json.dumps(dict(detail or {}))],
        )


def note_each(kind: str, *, by: Any, roots: Sequence[int]) -> None:
    """The same note of several initiatives, by their keys: one statement, however many."""
    with recorded(by=by), connection.cursor() as cursor:
        cursor.execute(
            "SELECT register_note(%s, 0, root, '{}') FROM unnest(%s::bigint[]) AS root",
            [Noted(kind).value, list(roots)],
        )
