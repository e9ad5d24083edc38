"""What floors above are told of people."""

from django.dispatch import Signal

# Sent by `erase_person` with `user`, in its transaction: what exists for this person alone goes with them.
person_erased = Signal()
