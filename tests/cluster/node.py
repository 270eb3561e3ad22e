"""One node of a cluster: a running server, and what people and clients do there."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from authserver.protocol.request.pkce import s256
from tests.flows.conftest import CHEAP
from tests.patience import PATIENCE, eventually
from tests.ports import free_port
from tests.serve.conftest import Running

ISSUER = "http://localhost:8080"
CLIENTS_YAML = """
apis:
  reports: {audience: https://reports.example.com, permissions: {read:reports: Read reports}}
roles: {user: [read:reports]}
default_role: user
clients:
  - {client_id: portal, name: Portal, type: web, secrets: [{env: PORTAL}], consent: never, apis: [reports],
     redirect_uris: [https://portal.example.com/callback]}
  - {client_id: nightly, name: Nightly, type: service, secrets: [{env: NIGHTLY}], roles: [user], apis: [reports]}
"""
SECRETS = {name: f"{name}-secret".ljust(43, "x") for name in ("portal", "nightly")}
REDIRECT_URI = "https://portal.example.com/callback"
VERIFIER = "verifier".ljust(43, "x")
_PROGRAM = (
    "import time; local = time.time; time.time = lambda: local() + {ahead}; from authserver.cli import main; main()"
)


@dataclass
class Node(Running):
    """A running server, and how to ask it."""

    environ: Mapping[str, str]

    @classmethod
    def started(cls, folder: Path, seconds_ahead: int, settings: Mapping[str, object]) -> "Node":
        """A node with a clock so far ahead and these settings, once it is ready."""
        folder.mkdir()
        (folder / "clients.yaml").write_text(CLIENTS_YAML)
        port = free_port()
        environ = {name: value for name, value in os.environ.items() if not name.startswith("AUTHSERVER_")}
        given = {"port": port, "issuer": ISSUER, "drain": 0} | CHEAP | dict(settings)
        environ |= {f"AUTHSERVER_{name}".upper(): str(value) for name, value in given.items()}
        environ |= {name.upper(): secret for name, secret in SECRETS.items()}
        command = [sys.executable, "-c", _PROGRAM.format(ahead=seconds_ahead), "serve"]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, cwd=folder, env=environ, stdout=log, stderr=log)
        node = cls(process, port, folder, environ)
        eventually(node.is_ready)
        return node

    def command(self, *arguments: str) -> str:
        """What an `authserver` command prints that is run on this machine."""
        command = [sys.executable, "-c", "from authserver.cli import main; main()", *arguments]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=dict(self.environ),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def token(self, client: str, **form: str) -> httpx.Response:
        """A token request of a client."""
        url = f"http://127.0.0.1:{self.port}/token"
        return httpx.post(url, data=form, auth=(client, SECRETS[client]), timeout=PATIENCE)

    def service_token(self) -> httpx.Response:
        return self.token("nightly", grant_type="client_credentials")

    def authorize(self, cookie: str) -> httpx.Response:
        """What a browser with this session gets for a request of the portal's."""
        query = {
            "response_type": "code",
            "client_id": "portal",
            "redirect_uri": REDIRECT_URI,
            "scope": "openid offline_access",
            "code_challenge": s256(VERIFIER) or "",
            "code_challenge_method": "S256",
        }
        url = f"http://127.0.0.1:{self.port}/authorize?{urlencode(query)}"
        headers = {"Host": urlsplit(ISSUER).netloc, "Cookie": f"authserver_session={cookie}"}
        return httpx.get(url, headers=headers, timeout=PATIENCE)

    def code(self, cookie: str) -> str:
        """A code for the portal."""
        return parse_qs(urlsplit(self.authorize(cookie).headers["Location"]).query)["code"][0]

    def redeem(self, code: str) -> httpx.Response:
        return self.token(
            "portal",
            grant_type="authorization_code",
            code=code,
            redirect_uri=REDIRECT_URI,
            code_verifier=VERIFIER,
        )

    def refresh(self, refresh_token: str) -> httpx.Response:
        return self.token("portal", grant_type="refresh_token", refresh_token=refresh_token)

    def kids(self) -> set[str]:
        """The keys that it publishes."""
        return {key["kid"] for key in self.get("/jwks.json").json()["keys"]}

    def readiness(self) -> Any:
        """What `/readyz` says."""
        return self.get("/readyz").json()


StartNode = Callable[..., Node]


def stop(node: Node) -> None:
    """End it as a supervisor does."""
    node.process.send_signal(signal.SIGTERM)
    node.process.wait(PATIENCE)
