"""What finding stands on: what is kept of each record for it, saved views, and what people follow."""

from register.catalogue.models.entries import CatalogueEntry, CatalogueWords
from register.catalogue.models.saved_views import InitiativeFollow, SavedView, SavedViewGroup, ViewFollow

__all__ = [
    "CatalogueEntry",
    "CatalogueWords",
    "InitiativeFollow",
    "SavedView",
    "SavedViewGroup",
    "ViewFollow",
]
