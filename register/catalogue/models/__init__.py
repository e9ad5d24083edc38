"""What finding stands on: what is kept of each record for it, saved views, and what people follow."""

from register.catalogue.models.entries import CatalogueEntry, CatalogueWords
from register.catalogue.models.saved_views import InitiativeFollow, SavedView, SavedViewGroup, ViewFollow
from register.catalogue.models.tallies import BLOCK, BLOCK_BITS, TalliedBlock, Untallied

__all__ = [
    "BLOCK",
    "BLOCK_BITS",
    "CatalogueEntry",
    "CatalogueWords",
    "InitiativeFollow",
    "SavedView",
    "SavedViewGroup",
    "TalliedBlock",
    "Untallied",
    "ViewFollow",
]
