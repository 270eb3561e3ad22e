"""Every command of every document is run as it stands, but for the addresses and folders of this machine.

What cannot be run on one machine, or is what runs this, is named below with the reason; any other command fails.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyrage
import pytest

from tests.examples.demonstration import EXAMPLE, ROOT, Demonstration
from tests.examples.served import await_health
from tests.foreign.remote import remote_browser
from tests.foreign.test_authlib import walk_through
from tests.patience import PATIENCE
from tests.ports import free_port, free_ports

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not all(map(shutil.which, ("bash", "curl", "jq", "openssl"))),
        reason="curl, jq or another is missing",
    ),
]
PATH = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
NEW = "Correct horse 2!"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*.md")])
# By how a line begins.
NOT_RUN = {
    "make": "it is what runs this, or changes this checkout; tests/examples/test_demo.py starts what `make run` does",
    "python3 -m venv /opt": "it would install all packages once more; tests/test_wheel.py builds the wheel",
    "/opt/authserver/bin/pip ": "as above",
    "pg_dump": "wants a PostgreSQL at an address of the administrator's",
    "cd examples/": "tests/examples and tests/browser install and start both, in folders of their own",
    "age-keygen": "another product's program; a key of the same kind is made below",
    "docker": "wants a container engine",
    "gitea": "another product's program",
    "kubectl": "another product's program",
    "argocd": "another product's program",
}
# A line that sets variables and does nothing else.
ASSIGNMENT = re.compile(r"(export )?[A-Za-z0-9_]+=[^$]*")


def shown(document: str) -> list[str]:
    """The blocks of shell of a document, and of those that are indented the lines that call a program."""
    text = (ROOT / document).read_text()
    blocks = [
        re.sub(r"\\\n\s*", "", block) for block in re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    ]
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return blocks + re.findall(r"^ {4}(docker .*)$", prose, re.MULTILINE)


def commands(block: str) -> list[str]:
    """The lines of a block that do something."""
    return [line for line in block.splitlines() if line and not ASSIGNMENT.fullmatch(line)]


RUN = {
    "README.md": ["secret=", "token=", "curl -i", 'echo "$token"'],
    "docs/admin.md": ["(umask 077;", "authserver "],
    "docs/api.md": ["TOKEN=", "curl "],
    # tests/deploy/test_back_to_a_moment.py and test_paged.py, and tests/cluster/test_failover.py run these.
    "docs/operations.md": [
        *("curl --silent", "authserver ", "kill "),
        *("mkdir ", "psql ", "pg_ctl ", "pg_basebackup ", "mv ", "cp ", "cat >> ", "touch "),
        *("restore_command = ", "recovery_target_", "END"),
    ],
    "docs/relying-party.md": ["curl ", "verifier=", "challenge=", "echo ", "read -r code"],
    "docs/resource-server.md": ["curl "],
    "examples/README.md": ["make run PORTAL="],
}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_is_run_below_or_named_with_a_reason(document: Path) -> None:
    name = str(document.relative_to(ROOT))
    begins = (*RUN.get(name, ()), *NOT_RUN)
    assert [line for block in shown(name) for line in commands(block) if not line.startswith(begins)] == []


def bash(script: str, folder: Path, given: str = "", **variables: str) -> str:
    """What a script prints; every command of it succeeds."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AUTHSERVER_")}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=kept | variables | {"PATH": PATH},
        input=given,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    """`make run`, and the client of the management API that its document declares."""
    folder = tmp_path_factory.mktemp("commands")
    declared = folder / "example.yaml"
    declared.write_text(
        EXAMPLE.read_text().replace(
            "\nclients:\n",
            "\nclients:\n  - {client_id: provisioning, name: Provisioning, type: service, apis: [authserver],\n"
            "     secrets: [{env: PROVISIONING_SECRET}], roles: [moderator]}\n",
        )
    )
    demo = Demonstration(
        folder / ".demo", free_ports(5), AUTHSERVER_CLIENTS_FILE=str(declared), PROVISIONING_SECRET="s" * 43
    )
    demo.wait_for("Ctrl-C stops everything.")
    yield demo
    demo.stop()


def here(demo: Demonstration, text: str) -> str:
    """The addresses of documents are those of the demonstration."""
    for old, new in (
        ("http://localhost:8080", demo.server),
        ("http://localhost:8082", demo.resource),
        ("https://login.example.com", demo.server),
        ("https://reports.example.com", f"{demo.resource}/reports"),
    ):
        text = text.replace(old, new)
    return text


def test_the_first_token_of_the_readme(demo: Demonstration) -> None:
    said = bash(here(demo, "\n".join(shown("README.md")[1:])), demo.folder.parent)
    assert re.findall(r"^HTTP/1.1 (\d+)", said, re.MULTILINE) == ["200", "403"]
    assert '"client_id": "nightly-job"' in said


def test_the_management_api_by_curl(demo: Demonstration) -> None:
    said = bash(here(demo, "\n".join(shown("docs/api.md"))), demo.folder, PROVISIONING_SECRET="s" * 43)
    assert '"username":"guest"' in said.replace(" ", "")
    assert '"username":"eve"' in said.replace(" ", "")


def test_a_program_and_a_person_by_curl(demo: Demonstration) -> None:
    program, ask, redeem = (here(demo, block) for block in shown("docs/relying-party.md"))
    secrets = demo.folder / "secrets.json"
    secret = bash(f"jq -r .client_secrets.NIGHTLY_JOB_SECRET {secrets}", demo.folder).strip()
    assert '"access_token":' in bash(program, demo.folder, SECRET=secret)
    # The browser ends where nothing listens, with a code in its address.
    process = subprocess.Popen(
        ["bash", "-euo", "pipefail", "-c", f"{ask}\n{redeem}"],
        cwd=demo.folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process, remote_browser(demo.server) as browser:
        assert process.stdin
        assert process.stdout
        landing = browser.open(process.stdout.readline().strip())
        (form,) = [form for form in landing.page.forms if "password" in form.fields]
        landing = browser.submit(landing, form=form, username="user", password=demo.passwords["user"])
        (code,) = parse_qs(urlsplit(walk_through(landing, browser).url).query)["code"]
        said, _ = process.communicate(f"{code}\n", timeout=PATIENCE)
    assert process.returncode == 0
    assert said.count('"refresh_token":') == 2
    assert '"preferred_username":"user"' in said


def test_introspection_by_curl(demo: Demonstration) -> None:
    (block,) = shown("docs/resource-server.md")
    secrets = demo.folder / "secrets.json"
    secret = bash(f"jq -r .client_secrets.REPORTS_API_SECRET {secrets}", demo.folder).strip()
    said = bash(here(demo, block), demo.folder, REPORTS_API_SECRET=secret, TOKEN="unknown")
    assert '"active":false' in said.replace(" ", "")


def test_the_backend_for_a_frontend_takes_the_place_of_the_portal(tmp_path: Path) -> None:
    assert "make run PORTAL=backend_for_frontend" in "\n".join(shown("examples/README.md"))
    demo = Demonstration(tmp_path / "demo", free_ports(5), PORTAL="backend_for_frontend")
    try:
        demo.wait_for("the team portal: examples/backend_for_frontend")
        # To the page that asks, the session is told by the backend: nobody is signed in.
        assert bash(f"curl -sf {demo.portal}/session", tmp_path).strip() == "null"
    finally:
        demo.stop()


def test_the_first_start_and_the_days_after_it(tmp_path: Path) -> None:
    blocks = shown("docs/admin.md")
    (settings,) = [block for block in blocks if block.startswith("AUTHSERVER_ISSUER=")]
    run = [block for block in blocks if "authserver " in block and not block.startswith(("python3", "AUTHSERVER_"))]
    lines = [line for block in run for line in block.splitlines() if not re.match(".*/opt/|age-keygen ", line)]
    # These go on until they are ended.
    forever = [line for line in lines if line.startswith(("authserver serve", "authserver events follow"))]
    assert len(forever) == 2

    key = pyrage.x25519.Identity.generate()
    (tmp_path / "backup.key").write_text(str(key))

    def moved(text: str) -> str:
        for folder in ("/etc/authserver", "/var/lib/authserver", "/var/backups"):
            text = text.replace(folder, f"{tmp_path}{folder}")
        # What replaces nothing gets a place where nothing is yet.
        text = re.sub("^(authserver init .*?)/authserver ", r"\1/begun ", text)
        text = re.sub("^authserver restore ", f"AUTHSERVER_DATABASE_URL=sqlite:///{tmp_path}/restored.db \\g<0>", text)
        return text.replace("age1…", str(key.to_public()))

    for folder in ("etc/authserver/keys", "var/lib/authserver", "var/backups"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "etc/authserver/clients.yaml").write_text(f"{EXAMPLE.read_text()}\ngroups: {{sales: [user]}}\n")
    names = ("PORTAL_SECRET", "REPORTS_API_SECRET", "NIGHTLY_JOB_SECRET", "EXAMPLE_PROVIDER_SECRET")
    secrets = dict.fromkeys(names, "s" * 43)
    environment = f"set -a\n{moved(settings)}\nset +a\n"
    # Each by itself: some ask for a new password, twice.
    said = [
        bash(environment + moved(line), tmp_path, given=f"{NEW}\n" * 2, **secrets)
        for line in lines
        if line not in forever
    ]
    assert "ada is in the groups: sales." in "".join(said)
    assert (tmp_path / "var/backups/authserver.age").is_file()
    assert (tmp_path / "restored.db").stat().st_size > 10_000
    assert (tmp_path / "etc/begun/clients.yaml").is_file()
    port = free_port()
    for line in forever:
        process = subprocess.Popen(
            ["bash", "-c", f"{environment}exec {line}"],
            cwd=tmp_path,
            env=os.environ | secrets | {"AUTHSERVER_PORT": str(port), "AUTHSERVER_DRAIN": "0", "PATH": PATH},
            stdout=subprocess.DEVNULL,
        )
        with process:
            if line.endswith("serve"):
                await_health(f"http://127.0.0.1:{port}/healthz", process)
            assert process.poll() is None
            process.terminate()
