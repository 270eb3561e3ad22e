"""The files of a first start, from those of `deploy/`, which come with the package."""

import secrets
import shlex
from pathlib import Path

from authserver import master_key
from authserver.cli.init.answers import Answers

SECRET, PLAIN = 0o600, 0o644
_HOME = Path("/etc/authserver")
_CLIENTS = """\
# APIs, roles, and clients. A running server picks up changes within a second. `authserver clients check` finds faults.
# Every field: docs/reference/clients.md. For completion in an editor: authserver clients schema > clients.schema.json
apis: {}

roles:
  user: []
  admin: ["admin:all"]
default_role: user

clients: []
# - client_id: portal
#   name: Team portal
#   type: spa
#   redirect_uris: [https://portal.example.com/callback]
"""
# The one that Compose would bring along is not started.
_NO_DATABASE = """\
    depends_on: !override
      redis: {condition: service_healthy}
  postgres:
    profiles: [unused]
"""


def of(answers: Answers) -> dict[str, tuple[str, int]]:
    """Content and mode of each file, by its name in the folder."""
    return _compose(answers) if answers.run == "compose" else _systemd(answers)


def next_steps(answers: Answers, folder: Path) -> list[str]:
    """What is left to do, one line each."""
    # An address may begin with a dash, and hold what a shell would read.
    invite = f"authserver users invite --role admin --link -- {shlex.quote(answers.admin)}"
    if answers.run == "compose":
        return [
            "docker build --tag authserver .    (in a checkout)",
            f"cd {_word(folder)}",
            "docker compose up --detach --wait",
            f"docker compose exec authserver {invite}",
        ]
    return [
        "sudo adduser --system --group --no-create-home authserver",
        "sudo python3 -m venv /opt/authserver, and have pip install authserver there",
        *_moves(folder),
        "sudo chown --recursive authserver: /etc/authserver",
        "sudo systemctl enable --now authserver",
        *(
            []
            if answers.is_local
            else [f"Have a proxy end TLS for {answers.host} and pass requests on to 127.0.0.1:8080"]
        ),
        f"cd /etc/authserver && sudo -u authserver /opt/authserver/bin/{invite}",
    ]


def _word(path: Path) -> str:
    """As a shell reads it, in a line that is copied."""
    return shlex.quote(str(path))


def _moves(folder: Path) -> list[str]:
    unit = f"sudo mv {_word(folder / 'authserver.service')} /etc/systemd/system/"
    if folder == _HOME:
        return [unit]
    names = " ".join(_word(folder / name) for name in (".env", "clients.yaml", "keys"))
    return ["sudo mkdir --parents /etc/authserver", f"sudo mv {names} /etc/authserver/", unit]


def _systemd(answers: Answers) -> dict[str, tuple[str, int]]:
    lines = _variables(answers)
    if answers.is_local:
        lines["AUTHSERVER_PORT"] = str(answers.port)
    else:
        # A proxy on the same machine.
        lines["AUTHSERVER_TRUSTED_PROXIES"] = "127.0.0.1/32,::1/128"
    if answers.is_on_ipv6:
        lines["AUTHSERVER_HOST"] = answers.host
    return {
        ".env": (_env(lines), SECRET),
        "keys/master.key": (master_key.new_key() + "\n", SECRET),
        "clients.yaml": (_CLIENTS, PLAIN),
        "authserver.service": (_deployed("deploy/systemd/authserver.service"), PLAIN),
    }


def _compose(answers: Answers) -> dict[str, tuple[str, int]]:
    used = ["compose.yaml", "deploy/nginx.conf"]
    if not answers.is_local:
        used = ["compose.yaml", "deploy/caddy/compose.yaml", "deploy/caddy/Caddyfile"]
    layers = [name for name in used if name.endswith("compose.yaml")]
    lines = _variables(answers)
    lines |= {"PORT": str(answers.port)} if answers.is_local else {"LOGIN_HOST": answers.host}
    lines |= {"POSTGRES_PASSWORD": secrets.token_hex(24), "AUTHSERVER_MASTER_KEY": master_key.new_key()}
    found: dict[str, tuple[str, int]] = {name: (_deployed(name), PLAIN) for name in used}
    # The image is there, and no checkout to build it from.
    found["compose.yaml"] = (found["compose.yaml"][0].replace("    build: .\n", ""), PLAIN)
    passed = [name for name in lines if name.startswith(("AUTHSERVER_SMTP", "AUTHSERVER_DATABASE"))]
    if passed:
        layers.append("compose.settings.yaml")
        given = "".join(f"      {name}: ${{{name}}}\n" for name in passed)
        apart = "" if answers.has_own_database else _NO_DATABASE
        found["compose.settings.yaml"] = (f"services:\n  authserver:\n    environment:\n{given}{apart}", PLAIN)
    lines["COMPOSE_FILE"] = ":".join(layers)
    return {
        ".env": (_env(lines), SECRET),
        "deploy/authserver/clients.yaml": (_CLIENTS, PLAIN),
        **found,
    }


def _variables(answers: Answers) -> dict[str, str]:
    return {f"AUTHSERVER_{name.upper()}": value for name, value in answers.settings.items()}


def _env(lines: dict[str, str]) -> str:
    return "".join(f"{name}='{value}'\n" for name, value in lines.items())


def _deployed(name: str) -> str:
    """A file of the checkout, or of the same name inside an installed package."""
    package = Path(__file__).parents[2]
    installed = package / "deployed" / name
    return (installed if installed.is_file() else package.parent / name).read_text(encoding="utf-8")
