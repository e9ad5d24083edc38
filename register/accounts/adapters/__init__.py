"""All that touches django-allauth, besides the settings and the models that services write."""

from register.accounts.adapters.account import AccountAdapter, asked_too_often, sign_in, within_limit
from register.accounts.adapters.mfa import MFAAdapter
from register.accounts.adapters.work import SocialAccountAdapter

__all__ = [
    "AccountAdapter",
    "MFAAdapter",
    "SocialAccountAdapter",
    "asked_too_often",
    "sign_in",
    "within_limit",
]
