"""Every task of the register, from its capability. A task missing here is never found: a test counts."""

from register.accounts.joining.tasks import forget_what_is_over, send_letters
from register.accounts.people.tasks import see_to_unused
from register.catalogue.tasks import tally_changes
from register.digests.chasing.tasks import chase, deliver_chase_batch
from register.digests.tasks import deliver_batch, open_due, sweep
from register.groups.tasks import send_waiting_notices
from register.history.tasks import seal_history
from register.initiatives.tasks import remove_leftover_files

__all__ = [
    "chase",
    "deliver_batch",
    "deliver_chase_batch",
    "forget_what_is_over",
    "open_due",
    "remove_leftover_files",
    "seal_history",
    "see_to_unused",
    "send_letters",
    "send_waiting_notices",
    "sweep",
    "tally_changes",
]
