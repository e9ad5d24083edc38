"""Which changes: of one initiative, in a window, and those that a person may see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL

from register.accounts.permissions import has_permission
from register.accounts.roles import Permission
from register.initiatives.models import Initiative
from register.reference.models import AreaOfWork, Organisation

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from register.accounts.models import User

NOTED = "N"
# Tables outside any initiative that everyone signed in may read the history of.
OPEN_TABLES = (Organisation._meta.db_table, AreaOfWork._meta.db_table, "register_succession")


class ChangeQuerySet(models.QuerySet):
    def without_notes(self) -> Self:
        return self.exclude(operation=NOTED)

    def of(self, initiative: Initiative) -> Self:
        return self.filter(root_id=initiative.pk)

    def of_row(self, row: models.Model) -> Self:
        return self.filter(table_name=row._meta.db_table, object_id=row.pk)

    def visible_to(
        self, user: User | AnonymousUser, *, of: Sequence[int] | models.QuerySet | None = None
    ) -> Self:
        """Changes of what the person may see; auditors and administrators see every note, and every
        change but of others' drafts.

        With `of`, the keys of some initiatives or a query of them, only theirs: what else there is to see is not
        looked at.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if of is not None:
            seen = Initiative.objects.filter(pk__in=of)
            if user.holdings.sees_everything:
                seen = seen.exclude(pk__in=Initiative.objects.drafts_unseen_by(user).values("pk"))
            else:
                seen = seen.visible_to(user)
            return self.without_notes().filter(root_id__in=seen.values("pk"))
        if user.holdings.sees_everything:
            drafts = Initiative.objects.drafts_unseen_by(user).values("pk")
            return self.exclude(~Q(operation=NOTED), root_id__in=drafts)
        return self.without_notes().filter(
            Q(root_id__in=Initiative.objects.visible_to(user).values("pk"))
            | Q(root_id=None, table_name__in=OPEN_TABLES)
        )

    def audited_by(self, user: User | AnonymousUser) -> Self:
        """Every line, of drafts too, for who may see every change: of pages that show no contents."""
        return self.all() if has_permission(user, Permission.AUDIT) else self.none()

    @staticmethod
    def withheld_from(user: Any) -> Q:
        """Lines of others' drafts: the reason given for one may quote it, and is read where reading it is recorded."""
        return Q(root_id__in=Initiative.objects.drafts_unseen_by(user).values("pk"))

    def between(self, start: datetime, end: datetime) -> Self:
        """From `start` (in it) to `end` (not in it)."""
        return self.filter(at__gte=start, at__lt=end)

    def seen_by(self, snapshot: str) -> Self:
        """Committed before the snapshot (text of a pg_snapshot) was taken."""
        return self.and_seen(snapshot).filter(seen=True)

    def and_seen(self, snapshot: str) -> Self:
        """Each with whether it was: `seen`."""
        return self.annotate(seen=_visible(snapshot))

    def not_seen_by(self, snapshot: str) -> Self:
        """What the snapshot could not see yet: nothing older than the oldest transaction that ran then."""
        oldest = RawSQL("pg_snapshot_xmin(%s::pg_snapshot)", [snapshot])
        return self.filter(tx__gte=oldest).annotate(_unseen=_visible(snapshot)).filter(_unseen=False)


class OnlyChanges(models.Manager):
    """What changed: a reader of changes who forgets that there are notes gets none."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().exclude(operation=NOTED)


def _visible(snapshot: str) -> Any:
    return RawSQL(
        "pg_visible_in_snapshot(register_change.tx, %s::pg_snapshot)",
        [snapshot],
        output_field=models.BooleanField(),
    )
