"""OpenID providers on loopback: an honest one by other hands, in its own process, and one that a test makes lie."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.support.run import BASE

CLIENT = "register"
TENANT = "11111111-2222-3333-4444-555555555555"


@contextmanager
def honest_provider(*people: dict[str, Any]) -> Iterator[str]:
    """Runs `oidc-provider-mock` with these people (their claims, `sub` among them); gives its issuer."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", "true"]
    for claims in people:
        command += ["--user-claims", json.dumps(claims)]
    process = subprocess.Popen(command, cwd=BASE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    issuer = f"http://localhost:{port}"
    try:
        until = time.monotonic() + 60
        while not _answers(issuer):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("The OpenID provider did not start.")
            time.sleep(0.05)
        yield issuer
    finally:
        process.terminate()
        process.wait(30)


def _answers(issuer: str) -> bool:
    try:
        with urllib.request.urlopen(f"{issuer}/.well-known/openid-configuration", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def agree(address: str, sub: str) -> str:
    """What a person does at the honest provider's page: say who they are. Gives where it sends them back to."""
    answer = requests.post(address, data={"sub": sub}, allow_redirects=False, timeout=30)
    return answer.headers["Location"]


# Making a key takes longer than any test.
KEY = rsa.generate_private_key(65537, 2048)
OTHER_KEY = rsa.generate_private_key(65537, 2048)


@dataclass
class Crooked:
    """A provider that signs whatever `claims` say over what an honest one would, and remembers what it was asked.

    A claim of None is left out; `metadata` is added to what it publishes of itself; `key` signs.
    """

    claims: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] | None = None
    key: Any = KEY
    algorithm: str = "RS256"
    asked: dict[str, str] = field(default_factory=dict)
    secrets: list[dict[str, str]] = field(default_factory=list)
    issuer: str = ""

    def page(self, address: str) -> str:
        """Somebody comes with this question, and is sent back with a code."""
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        return f"{self.asked['redirect_uri']}?code=once&state={self.asked['state']}"

    def answer(self, path: str, posted: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if path == "/.well-known/openid-configuration":
            return 200, self._published()
        if path == "/keys":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
            return 200, {"keys": [public | {"kid": "one", "use": "sig"}]}
        if path == "/userinfo" and self.userinfo is not None:
            return 200, self.userinfo
        if path == "/token":
            self.secrets.append(posted)
            proof = base64.urlsafe_b64encode(hashlib.sha256(posted["code_verifier"].encode()).digest())
            if proof.rstrip(b"=").decode() != self.asked["code_challenge"]:
                return 400, {"error": "invalid_grant"}
            return 200, {"access_token": "a", "token_type": "Bearer", "id_token": self._token()}
        return 404, {}

    def _published(self) -> dict[str, Any]:
        told = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }
        if self.userinfo is not None:
            told["userinfo_endpoint"] = f"{self.issuer}/userinfo"
        return told | self.metadata

    def _token(self) -> str:
        now = int(time.time())
        told = {"iss": self.issuer, "aud": CLIENT, "sub": "kim", "iat": now, "exp": now + 300}
        told |= {"nonce": self.asked.get("nonce"), "name": "Kim Novak", "email": "kim@kent.police.uk"}
        told |= {"email_verified": True} | self.claims
        told = {name: value for name, value in told.items() if value is not None}
        key = None if self.algorithm == "none" else self.key
        return jwt.encode(told, key, algorithm=self.algorithm, headers={"kid": "one"})


@contextmanager
def crooked_provider() -> Iterator[Crooked]:
    told = Crooked()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            posted = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
            status, body = told.answer(urlsplit(self.path).path, posted)
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *args: Any) -> None:
            """Quietly."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join(30)
