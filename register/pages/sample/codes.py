"""The codes that the tables of the sample may use."""

# The register's vocabulary (register/initiatives/vocabulary.py), which needs Django; a test keeps the two the same.
STAGES = ("opportunity", "considered", "business_case", "agreed", "pilot", "live")
STANDINGS = ("active", "paused", "closed", "declined")
STANDING_REASONS = (
    "objectives_met", "superseded", "funding_ended", "partner_withdrew", "no_business_case", "legal_or_governance",
    "public_consent", "priorities_changed", "other", "not_stated",
)  # fmt: skip
DEPTHS = (
    "information_sharing", "co_location", "joint_procurement", "shared_asset", "shared_service",
    "lead_organisation", "integrated_unit", "single_governance",
)  # fmt: skip
ROLES = ("lead", "party", "host", "funder", "supplier", "consulted", "observer")
FIGURE_KINDS = ("saving", "cost", "funding")
FIGURE_BASES = ("a_year", "in_total", "over_period")
# Every other reason would be ours, not the source’s.
NO_FIGURE_REASONS = ("not_stated",)

QUALIFIERS = ("up to", "at least", "about", "nearly", "over", "more than")
# What may rest on memory; each entry of `unverified` begins with one of these and a colon.
UNVERIFIED = (
    "everything",
    "summary",
    "stage",
    "standing",
    "depth",
    "starts",
    "ends",
    "partners",
    "areas",
    "moves",
)
