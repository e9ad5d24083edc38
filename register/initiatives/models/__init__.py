"""The record and all that hangs on it."""

from register.initiatives.models.barrier import Barrier
from register.initiatives.models.initiative import Initiative
from register.initiatives.models.links import (
    InitiativeArea,
    InitiativeGroup,
    InitiativePartner,
    InitiativePlace,
)
from register.initiatives.models.money import Benefit, CostLine, FundingLine, SavingLine, StatedFigure
from register.initiatives.models.papers import Agreement, AgreementParty, Document, Source
from register.initiatives.models.progress import Milestone, StageMove, Update

__all__ = [
    "Agreement",
    "AgreementParty",
    "Barrier",
    "Benefit",
    "CostLine",
    "Document",
    "FundingLine",
    "Initiative",
    "InitiativeArea",
    "InitiativeGroup",
    "InitiativePartner",
    "InitiativePlace",
    "Milestone",
    "SavingLine",
    "Source",
    "StageMove",
    "StatedFigure",
    "Update",
]
