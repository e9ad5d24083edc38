"""Who and where: organisations with their succession, police areas, areas of work.

Facts come from the tables in `register/reference/data` through `load_reference`; administrators correct them,
and what they corrected is not overwritten. Nothing here is ever deleted or re-pointed: organisations end and
are succeeded, areas of work are retired or merged, and codes are for ever, because addresses and saved views
carry them.
"""

from register.reference.models.area_of_work import AreaOfWork
from register.reference.models.organisation import Coverage, Organisation, OrganisationName, Succession
from register.reference.models.place import AreaNeighbour, PoliceArea, Region

__all__ = [
    "AreaNeighbour",
    "AreaOfWork",
    "Coverage",
    "Organisation",
    "OrganisationName",
    "PoliceArea",
    "Region",
    "Succession",
]
