"""The words of the record. Codes are stored, kept for ever and used in URLs; labels are for reading."""

from django.db import models

from register.accounts.roles import Audience as Audience  # part of the record's vocabulary


class Stage(models.TextChoices):
    """How far it has come. The order is the path."""

    OPPORTUNITY = "opportunity", "Opportunity"
    CONSIDERED = "considered", "Under consideration"
    BUSINESS_CASE = "business_case", "Business case"
    AGREED = "agreed", "Agreed"
    PILOT = "pilot", "Pilot"
    LIVE = "live", "Live"


STAGES = list(Stage)


class Standing(models.TextChoices):
    """Whether it goes on. All but active carry a reason and keep the stage they came from."""

    ACTIVE = "active", "Active"
    PAUSED = "paused", "Paused"
    CLOSED = "closed", "Closed"
    DECLINED = "declined", "Declined"


class StandingReason(models.TextChoices):
    OBJECTIVES_MET = "objectives_met", "It did what it was for"
    SUPERSEDED = "superseded", "Something else took its place"
    FUNDING_ENDED = "funding_ended", "The funding ended or was refused"
    PARTNER_WITHDREW = "partner_withdrew", "A partner withdrew"
    NO_BUSINESS_CASE = "no_business_case", "The business case did not stand up"
    LEGAL_OR_GOVERNANCE = "legal_or_governance", "Law or governance stood in the way"
    PUBLIC_CONSENT = "public_consent", "The public or staff did not support it"
    PRIORITIES_CHANGED = "priorities_changed", "Priorities changed"
    OTHER = "other", "Another reason"
    NOT_STATED = "not_stated", "Not stated in the source"


class Depth(models.TextChoices):
    """How deep the collaboration goes, from swapping information to one service under one chief."""

    INFORMATION_SHARING = "information_sharing", "Information sharing"
    CO_LOCATION = "co_location", "Co-location"
    JOINT_PROCUREMENT = "joint_procurement", "Joint procurement"
    SHARED_ASSET = "shared_asset", "Shared asset or role"
    SHARED_SERVICE = "shared_service", "Shared service"
    LEAD_ORGANISATION = "lead_organisation", "Lead organisation"
    INTEGRATED_UNIT = "integrated_unit", "Integrated unit"
    SINGLE_GOVERNANCE = "single_governance", "Single governance"


DEPTHS = list(Depth)


class PartnerRole(models.TextChoices):
    LEAD = "lead", "Lead"
    PARTY = "party", "Party"
    HOST = "host", "Host"
    FUNDER = "funder", "Funder"
    SUPPLIER = "supplier", "Supplier"
    CONSULTED = "consulted", "Consulted"
    OBSERVER = "observer", "Observer"


# Who may keep a record current: the organisations that do the thing, not those that pay, sell or watch.
EDITING_ROLES = (PartnerRole.LEAD, PartnerRole.PARTY, PartnerRole.HOST)


class Marking(models.TextChoices):
    """Government Security Classifications (2024): the register holds OFFICIAL only."""

    OFFICIAL = "official", "OFFICIAL"
    OFFICIAL_SENSITIVE = "official_sensitive", "OFFICIAL-SENSITIVE"


class NoFigureReason(models.TextChoices):
    NOT_STATED = "not_stated", "the source does not state one"
    NEVER_ASKED = "never_asked", "nobody has asked for one"
    POOLED_IN_BUDGETS = "pooled_in_budgets", "it is pooled in budgets"
    TOO_EARLY = "too_early", "it is too early to say"
    NOT_ABOUT_MONEY = "not_about_money", "it is not about money"
    OTHER = "other", "of another reason"


class Outcome(models.TextChoices):
    """What people hope for from collaboration."""

    BETTER_SERVICE = "better_service", "Better service to residents"
    SHORTER_RESPONSE = "shorter_response", "Shorter response times"
    JOINED_UP = "joined_up", "Joined-up and coherent services"
    REDUCED_COST = "reduced_cost", "Reduced cost to the public purse"


class BenefitKind(models.TextChoices):
    """Cashable: could be taken out and spent elsewhere. Non-cashable: measurable in money, hard to take out."""

    CASHABLE = "cashable", "Cashable saving"
    NON_CASHABLE = "non_cashable", "Non-cashable saving"
    COST_AVOIDANCE = "cost_avoidance", "Cost avoidance"
    INCOME = "income", "Income"
    CAPITAL_RECEIPT = "capital_receipt", "Capital receipt"
    SERVICE_IMPROVEMENT = "service_improvement", "Service improvement"


class Evidence(models.TextChoices):
    WORKED = "worked", "Worked"
    PROMISING = "promising", "Promising"
    NEW = "new", "New"
    DID_NOT_WORK = "did_not_work", "Didn't work"


class FigureKind(models.TextChoices):
    SAVING = "saving", "Saving"
    COST = "cost", "Cost"
    FUNDING = "funding", "Funding"


class FigureBasis(models.TextChoices):
    A_YEAR = "a_year", "a year"
    IN_TOTAL = "in_total", "in total"
    OVER_PERIOD = "over_period", "over a period"


class BarrierCategory(models.TextChoices):
    LEGISLATION = "legislation", "Legislation"
    GOVERNANCE = "governance", "Governance"
    FUNDING_CYCLE = "funding_cycle", "Funding cycle"
    ICT_AND_DATA = "ict_and_data", "ICT and data sharing"
    ESTATES_AND_PLANNING = "estates_and_planning", "Estates and planning"
    WORKFORCE_AND_TERMS = "workforce_and_terms", "Workforce and terms"
    CULTURE_AND_LEADERSHIP = "culture_and_leadership", "Culture and leadership"
    PROCUREMENT = "procurement", "Procurement"
    BOUNDARIES = "boundaries", "Boundaries"
    PUBLIC_CONSENT = "public_consent", "Public consent"
    SKILLS_AND_CAPACITY = "skills_and_capacity", "Skills and capacity"


class Severity(models.TextChoices):
    LOW = "low", "Low"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"


class Remover(models.TextChoices):
    """Who can remove a barrier."""

    LOCAL = "local", "Local"
    REGIONAL = "regional", "Regional"
    NATIONAL_BODY = "national_body", "National body"
    GOVERNMENT = "government", "Government department"


class BarrierState(models.TextChoices):
    OPEN = "open", "Open"
    BEING_WORKED_ON = "being_worked_on", "Being worked on"
    REMOVED = "removed", "Removed"
    ACCEPTED = "accepted", "Accepted"


STANDING_IN_THE_WAY = (BarrierState.OPEN, BarrierState.BEING_WORKED_ON)


class AgreementKind(models.TextChoices):
    """S. 22A and 23A: Police Act 1996, collaboration agreements. 2017 Act: Policing and Crime Act 2017, s. 2."""

    MEMORANDUM = "memorandum", "Memorandum of understanding"
    S22A = "s22a", "Section 22A agreement"
    S23A = "s23a", "Section 23A agreement"
    ACT_2017 = "act_2017", "Agreement under the 2017 Act"
    PARTNERSHIP = "partnership", "Partnership agreement"
    CONTRACT = "contract", "Contract"


class Confidence(models.TextChoices):
    RED = "red", "Red"
    AMBER = "amber", "Amber"
    GREEN = "green", "Green"


class Precision(models.TextChoices):
    DAY = "day", "Day"
    MONTH = "month", "Month"
    YEAR = "year", "Year"
