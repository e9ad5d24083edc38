"""The ledger and its seals. The database writes both (migrations/_writers, _seals); the application can only read."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from register.history.fields import TransactionIdField
from register.history.querysets import ChangeQuerySet, OnlyChanges


class Change(models.Model):
    """One row of one table, added, changed or removed: what it was, what it is, who, when, from where, why.

    `before` and `after` hold only the columns that changed (all of them for an addition or a removal). People
    are in it by id only. A note (register.core.tracking.note) is a row too, of what changed nothing: its kind is its
    `table_name`, its detail its `after`. Only who asks for the whole `ledger` is given notes.
    """

    class Operation(models.TextChoices):
        ADDED = "I", "added"
        CHANGED = "U", "changed"
        REMOVED = "D", "removed"
        NOTED = "N", "noted"

    tx = TransactionIdField()
    at = models.DateTimeField()
    table_name = models.CharField(max_length=63)
    object_id = models.BigIntegerField()
    root_id = models.BigIntegerField(null=True)
    operation = models.CharField(max_length=1, choices=Operation.choices)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    actor_id = models.BigIntegerField(null=True)
    source = models.CharField(max_length=10)
    request_id = models.CharField(max_length=64)
    reason = models.TextField()

    objects: ClassVar[ChangeQuerySet] = OnlyChanges.from_queryset(ChangeQuerySet)()  # type: ignore[assignment]
    ledger: ClassVar[ChangeQuerySet] = ChangeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["root_id", "-at", "-id"], name="change_of_initiative"),
            models.Index(fields=["at"], name="change_in_window"),
            models.Index(fields=["table_name", "object_id"], name="change_of_row"),
            models.Index(fields=["tx", "id"], name="change_in_sealing_order"),
            # For searching the ledger: by one of these, newest first, or of one request.
            models.Index(fields=["actor_id", "-at", "-id"], name="change_by_person"),
            models.Index(fields=["table_name", "-at", "-id"], name="change_of_table"),
            models.Index(fields=["-at", "-id"], condition=~models.Q(reason=""), name="change_with_reason"),
            models.Index(fields=["request_id"], name="change_in_request"),
        ]

    def __str__(self) -> str:
        return f"{self.table_name} {self.object_id} {self.get_operation_display()}"


class Seal(models.Model):
    """One link of the chain that proves the ledger: the hash of some rows, and of the seal before it.

    It covers the rows above the id `above`, in the order of their transactions, from where the seal before it ended up
    to (`to_tx`, `to_id`). `ids` and `leaves` (32 bytes each) say which row is not as it was, where one is not.
    """

    number = models.BigIntegerField(primary_key=True)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    above = models.BigIntegerField()
    to_tx = TransactionIdField()
    to_id = models.BigIntegerField()
    rows = models.IntegerField()
    last_id = models.BigIntegerField()
    sealed_at = models.DateTimeField()
    ids = ArrayField(models.BigIntegerField())
    leaves = models.BinaryField()

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"Seal {self.number}"
