"""Files that people send: what is taken, under which name, and what is told of the rest."""

from register.core.files import scanner
from register.core.files.accepting import Accepted, accept

__all__ = ["Accepted", "accept", "scanner"]
