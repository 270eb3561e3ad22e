"""`python -m examples.demo`: start everything, say what to open, end everything."""

import os
import sys
import time
from pathlib import Path

from authserver.cli.context import load_settings
from examples.demo import people, ports, state
from examples.demo.ports import PortError, Ports
from examples.demo.processes import ChildError, Children
from examples.demo.reloads import Reloads
from examples.demo.state import State

ROOT = Path(__file__).resolve().parents[2]
# Who may be the client `portal`.
PORTALS = ("relying_party", "backend_for_frontend")


def main() -> int:
    """Run until Ctrl-C; the status is 0 then, and 1 when something failed."""
    portal = os.environ.get("PORTAL") or PORTALS[0]
    if portal not in PORTALS:
        return _fail(f"PORTAL must be one of {', '.join(PORTALS)}.")
    try:
        chosen = ports.choose()
    except PortError as error:
        return _fail(str(error))
    kept = state.load(Path(os.environ.get("DEMO_DIR") or ROOT / ".demo").resolve())
    # Where `.env` is read and the example applications are found.
    os.chdir(ROOT)
    os.environ.update(_environment(kept, chosen))
    people.ensure(kept, load_settings())
    children = Children(kept.folder / "logs")
    reloads = Reloads(kept.folder / "logs" / "authserver.log")
    try:
        _start(children, chosen, portal)
        children.wait_until_healthy()
        if not children.stopping.is_set():
            print(_welcome(kept, chosen, portal), flush=True)
            children.watch(lambda: _tell(reloads))
    except ChildError as error:
        return _fail(str(error))
    finally:
        children.stop()
    print("\nStopped. Nothing is lost: start again with `make run`.", flush=True)
    return 0


def _environment(kept: State, chosen: Ports) -> dict[str, str]:
    issuer = f"http://localhost:{chosen.server}"
    return kept.client_secrets | {
        "AUTHSERVER_ISSUER": issuer,
        "AUTHSERVER_HOST": "127.0.0.1",
        "AUTHSERVER_PORT": str(chosen.server),
        "AUTHSERVER_DRAIN": "0",
        "AUTHSERVER_DATABASE_URL": f"sqlite:///{kept.folder / 'authserver.db'}",
        "AUTHSERVER_CLIENTS_FILE": str(_clients_file(kept, chosen)),
        # The master key lies apart from the database it opens; with a folder of its own, a demonstration keeps both.
        "AUTHSERVER_KEYS_DIR": str(kept.folder / "keys" if "DEMO_DIR" in os.environ else ROOT / "keys"),
        "ISSUER": issuer,
        "PORTAL_PORT": str(chosen.portal),
        "PORTAL_DATABASE": str(kept.folder / "portal.db"),
        "RESOURCE_PORT": str(chosen.resource),
        "AUTHSERVER_SMTP_HOST": "127.0.0.1",
        "AUTHSERVER_SMTP_PORT": str(chosen.smtp),
        "AUTHSERVER_SMTP_SECURITY": "none",
        "AUTHSERVER_SIGNUP": os.environ.get("AUTHSERVER_SIGNUP", "open"),
        # Everything that signs people in is on here.
        "AUTHSERVER_SIGNIN_BY_MAIL": os.environ.get("AUTHSERVER_SIGNIN_BY_MAIL", "true"),
        "AUTHSERVER_PASSKEY_OFFER": os.environ.get("AUTHSERVER_PASSKEY_OFFER", "true"),
        "MAILBOX": str(kept.folder / "mail"),
        "MAIL_PORT": str(chosen.mail),
        "SMTP_PORT": str(chosen.smtp),
        "EXAMPLE_PORT": str(chosen.provider),
        "RESOURCE_DATABASE": str(kept.folder / "resource_server.db"),
    }


def _clients_file(kept: State, chosen: Ports) -> Path:
    original = Path(os.environ.get("AUTHSERVER_CLIENTS_FILE") or ROOT / "clients.yaml")
    if (chosen.portal, chosen.resource, chosen.provider) == (8081, 8082, 8084):
        return original
    # Redirect URIs and audiences are compared to the letter, so other ports need a file of their own.
    text = original.read_text()
    for default, port in ((8081, chosen.portal), (8082, chosen.resource), (8084, chosen.provider)):
        text = text.replace(f"http://localhost:{default}", f"http://localhost:@{port}")
    copy = kept.folder / "clients.yaml"
    copy.write_text(text.replace("localhost:@", "localhost:"))
    return copy


def _start(children: Children, chosen: Ports, portal: str) -> None:
    server = str(Path(sys.executable).with_name("authserver"))
    python = [sys.executable, "-m"]
    for name, command, port in (
        ("authserver", [server, "serve"], chosen.server),
        (portal.replace("_", " "), [*python, f"examples.{portal}"], chosen.portal),
        ("resource server", [*python, "examples.resource_server"], chosen.resource),
        ("mailbox", [*python, "examples.mailbox"], chosen.mail),
        ("example provider", [*python, "tests.provider"], chosen.provider),
    ):
        children.start(name, command, f"http://127.0.0.1:{port}/healthz")


def _welcome(kept: State, chosen: Ports, portal: str) -> str:
    who = [f"    {username:<10} {password}" for username, password in kept.passwords.items()]
    return "\n".join(
        [
            "",
            f"Open  http://localhost:{chosen.portal}  and sign in. Each of these people has the role of that name:",
            "",
            *who,
            "",
            f"    http://localhost:{chosen.server}  the authorization server",
            f"    http://localhost:{chosen.portal}  the team portal: examples/{portal}",
            f"    http://localhost:{chosen.resource}  an example resource server",
            f"    http://localhost:{chosen.mail}/demo/mail  every mail that the server sends",
            f'    http://localhost:{chosen.provider}  a provider upstream, for "Continue with Example"',
            "",
            f"Clients, APIs and roles: {os.environ['AUTHSERVER_CLIENTS_FILE']}",
            "    read again when it changes, and this terminal says so",
            f"Data and logs: {kept.folder} (delete it to begin anew)",
            "Ctrl-C stops everything.",
        ]
    )


def _tell(reloads: Reloads) -> None:
    for text in reloads.news():
        print(f"\n{time.strftime('%H:%M:%S')} {text}", flush=True)


def _fail(text: str) -> int:
    print(f"\n{text}", file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
