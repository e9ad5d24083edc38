"""What floors above are told of people."""

from django.dispatch import Signal

# Sent by `erase_person` with `user` and the address they `was_at`, in its transaction: what exists for this person
# alone goes with them.
person_erased = Signal()

# Sent by whatever ends somebody's contributing at an organisation (their leaving, a lesser role, the groups of their
# work account, their erasure) with `by`, `user`, `organisation` and `to` (a colleague or None), in its transaction:
# what they kept there is theirs to keep now.
handed_over = Signal()
