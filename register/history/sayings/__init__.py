"""What people say of a change: the tables of the record, each with its sentences."""

from register.history.sayings import money, papers, progress, record  # each adds its tables
from register.history.sayings.common import SAYERS, Said, Teller

__all__ = ["SAYERS", "Said", "Teller", "money", "papers", "progress", "record"]
