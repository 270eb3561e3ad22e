"""Certificates by way of a real nginx, which has verified nobody, and a client that others wrote (RFC 8705)."""

import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import jwt
import pytest
from cryptography import x509
from requests import Session
from requests_oauth2client import OAuth2Client, PublicApp

from tests.flows.certificates import BY_NAME, CA, HEADER, OTHER_CA, SERVER_AUTH, VAULT, Made, made
from tests.flows.registry import CLIENTS_YAML
from tests.flows.served import serve
from tests.patience import PATIENCE, eventually
from tests.ports import free_port

GRANT = {"grant_type": "client_credentials", "client_id": "vault"}
BOUND = f"{BY_NAME}\n    tls_client_certificate_bound_access_tokens: true\n"
SERVER = made("CN=localhost", OTHER_CA, names=[x509.DNSName("localhost")], usage=[SERVER_AUTH])
_SERVER = """
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        {verify}
        location / {{
            proxy_pass http://127.0.0.1:{node};
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Client-Cert {passed};
        }}
    }}
"""


@dataclass(frozen=True)
class Hosts:
    """The addresses of the hosts: for clients with certificates, verified by nothing or by nginx's CA; and for all."""

    folder: Path
    with_any: str
    with_known: str
    plain: str

    def post(self, url: str, certificate: Made | None, path: str = "/token", **headers: str) -> httpx.Response:
        with httpx.Client(verify=self._tls(certificate), timeout=PATIENCE) as client:
            return client.post(url + path, data=GRANT, headers=headers)

    def _tls(self, certificate: Made | None) -> ssl.SSLContext:
        tls = ssl.create_default_context(cafile=str(self.folder / "server-ca.pem"))
        if certificate is not None:
            tls.load_cert_chain(*certificate.written(self.folder, certificate.thumbprint))
        return tls


@pytest.fixture(scope="module")
def hosts(seeded_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        pytest.skip("SKIPPED LOUDLY: no nginx here (apt-get install nginx): no certificate is passed on by a real one")
    folder = tmp_path_factory.mktemp("certificates")
    shutil.copyfile(seeded_template, folder / "authserver.db")
    (folder / "cas.pem").write_bytes(CA.pem)
    (folder / "server-ca.pem").write_bytes(OTHER_CA.pem)
    ports = [free_port() for _ in range(3)]
    start = CLIENTS_YAML.index("    token_endpoint_auth_method: private_key_jwt\n    jwks")
    rest = CLIENTS_YAML[start:].split("\n", 2)[2]
    settings = {"mtls_header": HEADER, "mtls_client_cas": folder / "cas.pem", "trusted_proxies": "127.0.0.1/32"}
    running = serve(
        folder,
        f"sqlite:///{folder / 'authserver.db'}",
        workers=1,
        declared=f"{CLIENTS_YAML[:start]}    {BOUND}{rest}",
        **settings,
    )
    served = next(running)
    certificate, key = SERVER.written(folder, "server")
    verify = (
        "ssl_verify_client optional_no_ca;",
        f"ssl_verify_client optional; ssl_client_certificate {folder}/cas.pem;",
        "",
    )
    servers = "".join(
        _SERVER.format(
            port=port, certificate=certificate, key=key, verify=each, node=served.running.port, passed=passed
        )
        for port, each, passed in zip(ports, verify, ("$ssl_client_escaped_cert",) * 2 + ('""',), strict=True)
    )
    temporary = " ".join(f"{each}_temp_path {each};" for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; {user} pid nginx.pid; error_log error.log; events {{ }}\n"
        f"http {{ access_log off; {temporary} {servers} }}\n"
    )
    process = subprocess.Popen([found, "-p", str(folder), "-c", "nginx.conf", "-e", "error.log"], cwd=folder)
    hosts = Hosts(folder, *(f"https://localhost:{port}" for port in ports))
    eventually(lambda: _answers(hosts))
    yield hosts
    process.terminate()
    process.wait(PATIENCE)
    with suppress(StopIteration):
        next(running)


def _answers(hosts: Hosts) -> bool:
    try:
        return hosts.post(hosts.plain, None).status_code == 401
    except httpx.TransportError:
        return False


def test_whatever_nginx_verified_the_right_certificate_gets_a_bound_token(hosts: Hosts) -> None:
    for url in (hosts.with_any, hosts.with_known):
        answer = hosts.post(url, VAULT)
        assert answer.status_code == 200, answer.text
        claims = jwt.decode(answer.json()["access_token"], options={"verify_signature": False})
        assert claims["cnf"] == {"x5t#S256": VAULT.thumbprint}


def test_a_certificate_that_nginx_lets_through_unverified_is_verified_here(hosts: Hosts) -> None:
    for certificate in (made("CN=vault,O=Example"), made("CN=vault,O=Example", OTHER_CA)):
        answer = hosts.post(hosts.with_any, certificate)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert "neither by a CA" in answer.json()["error_description"]


def test_a_header_that_a_client_writes_itself_is_overwritten_or_removed(hosts: Hosts) -> None:
    for url in (hosts.with_any, hosts.with_known, hosts.plain):
        answer = hosts.post(url, None, **VAULT.escaped)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_client_that_others_wrote(hosts: Hosts) -> None:
    session = Session()
    # Else a variable of the machine would name other authorities.
    session.trust_env = False
    session.verify = str(hosts.folder / "server-ca.pem")
    session.cert = VAULT.written(hosts.folder, "vault")
    client = OAuth2Client(f"{hosts.with_any}/token", auth=PublicApp("vault"), session=session, testing=True)
    assert client.client_credentials().access_token
