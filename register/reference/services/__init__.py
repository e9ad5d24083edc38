"""The write doors of organisations and areas of work.

Only administrators use them. What they set is remembered in `corrected_fields`, so that loading the tables
again does not undo it.
"""

from register.reference.services.areas_of_work import (
    add_area_of_work,
    merge_areas_of_work,
    rename_area_of_work,
    retire_area_of_work,
)
from register.reference.services.organisations import (
    CORRECTABLE,
    add_organisation,
    correct_organisation,
    end_organisation,
    free_code,
    merge_organisations,
    rename_organisation,
    set_coverage,
)

__all__ = [
    "CORRECTABLE",
    "add_area_of_work",
    "add_organisation",
    "correct_organisation",
    "end_organisation",
    "free_code",
    "merge_areas_of_work",
    "merge_organisations",
    "rename_area_of_work",
    "rename_organisation",
    "retire_area_of_work",
    "set_coverage",
]
