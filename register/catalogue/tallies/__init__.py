"""Counting: what pages ask of every record at once, answered without reading the records.

`facts` says what is asked of each record, `blocks` packs that by thousands, `tallying` keeps the blocks in the
database, `store` keeps them in the memory of whoever counts, and `Tallied` answers: bits for sets of records, sums.
"""

from register.catalogue.tallies.selecting import Tallied
from register.catalogue.tallies.tallying import tally

__all__ = ["Tallied", "tally"]
