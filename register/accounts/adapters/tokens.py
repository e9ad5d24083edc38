"""Checking what an OpenID provider signed."""

from __future__ import annotations

import hmac
from typing import Any

import jwt
import requests
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error

from register.accounts.providers import Provider

# Keys that only the provider has; never one that both sides share, and never none.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
LEEWAY_SECONDS = 60


def fetch(url: str, **options: Any) -> dict[str, Any]:
    """The JSON object at an address of the provider. OAuth2Error when there is none."""
    try:
        with get_adapter().get_requests_session() as session:
            answer = session.get(url, **options)
            answer.raise_for_status()
            told = answer.json()
    except requests.RequestException as error:
        raise OAuth2Error(f"{url}: {error}") from error
    if not isinstance(told, dict):
        raise OAuth2Error(f"{url}: not an object")
    return told


def read_id_token(provider: Provider, metadata: dict[str, Any], token: str, *, nonce: str) -> dict[str, Any]:
    """The claims of an ID token, after OpenID Connect Core 3.1.3.7: signature, issuer, audience, times, nonce, and the
    tenant where it is Entra. OAuth2Error says which was wrong."""
    try:
        header = jwt.get_unverified_header(token)
        # Which tenant says it comes from; believed below, when the signature holds.
        unproved = jwt.decode(token, options={"verify_signature": False})
        claims = jwt.decode(
            token,
            key=_key(metadata, header),
            algorithms=ALGORITHMS,
            issuer=_issuer(provider, metadata, unproved),
            audience=provider.client_id,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
    except (jwt.PyJWTError, ValueError, TypeError, KeyError) as error:
        raise OAuth2Error(f"ID token: {error}") from error
    if not nonce or not hmac.compare_digest(str(claims.get("nonce") or ""), nonce):
        raise OAuth2Error("ID token: it answers another question (nonce)")
    audience = claims["aud"]
    if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != provider.client_id:
        raise OAuth2Error("ID token: it was made for somebody else (azp)")
    if provider.is_entra and not claims.get("oid"):
        raise OAuth2Error("ID token: it lacks oid")
    return claims


def _issuer(provider: Provider, metadata: dict[str, Any], claims: dict[str, Any]) -> str:
    """Who must have signed. Entra's shared addresses name no tenant, the token's own does."""
    issuer = str(metadata["issuer"])
    if provider.is_entra:
        tenant = str(claims.get("tid") or "").lower()
        if tenant not in provider.tenants:
            raise OAuth2Error(f"ID token: tenant {tenant or 'none'} is not one of those that may sign in")
        return issuer.replace("{tenantid}", tenant)
    if issuer.rstrip("/") != provider.issuer.rstrip("/"):
        raise OAuth2Error(f"{provider.issuer} says it is {issuer}")
    return issuer


def _key(metadata: dict[str, Any], header: dict[str, Any]) -> jwt.PyJWK:
    if header.get("alg") not in ALGORITHMS:
        raise OAuth2Error("ID token: not signed with a key of the provider's own")
    wanted = header.get("kid")
    keys = [key for key in fetch(metadata["jwks_uri"])["keys"] if key.get("use", "sig") == "sig"]
    # A token may leave out which key it was, where there is one only.
    found = [key for key in keys if wanted is None or key.get("kid") == wanted]
    if len(found) == 1:
        return jwt.PyJWK(found[0], algorithm=header["alg"])
    raise OAuth2Error("ID token: signed with a key that the provider does not publish")
