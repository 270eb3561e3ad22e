"""One server whose clients.yaml is what the document says, and the applications around it."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

from authserver.store import users
from tests.applications import document
from tests.applications.packages import python_with_applications
from tests.flows.browser import Browser
from tests.flows.conftest import seeded_template
from tests.flows.served import Served, serve
from tests.foreign.remote import remote_browser
from tests.foreign.test_authlib import walk_through
from tests.patience import PATIENCE, eventually
from tests.ports import free_port

__all__ = ["seeded_template"]
PROGRAMS = Path(__file__).parent / "programs"
HOSTS = ("jupyterhub", "pgadmin", "django", "superset", "directus", "mlflow", "synapse", "streamlit", "mcp")
Start = Callable[..., AbstractContextManager["Site"]]


class Site:
    """An application as a browser sees it, with cookies of its own; the server is left to the other browser."""

    def __init__(self, address: str, issuer: str) -> None:
        self.address, self._issuer = address, issuer
        self.http = httpx.Client(timeout=PATIENCE)

    def open(self, url: str) -> httpx.Response | str:
        """Follow redirects: to a page of the application, or to the URL of the server where they lead."""
        url = urljoin(self.address, url)
        while not url.startswith(self._issuer):
            answer = self.http.get(url)
            for cookie in self.http.cookies.jar:
                # Browsers send it to this machine over http as well.
                cookie.secure = False
            if not answer.is_redirect:
                return answer
            url = urljoin(url, answer.headers["Location"])
        return url

    def sign_in(self, start: str, browser: Browser) -> httpx.Response:
        """Begin at a page of the application, sign in at the server, and come to rest at the application."""
        asked = self.open(start)
        assert isinstance(asked, str), asked.text
        answer = self.open(walk_through(browser.open(asked), browser).url)
        assert isinstance(answer, httpx.Response), answer
        return answer


@pytest.fixture(scope="session")
def addresses() -> dict[str, str]:
    """Where each application will be."""
    return {host: f"http://127.0.0.1:{free_port()}" for host in HOSTS}


@pytest.fixture(scope="session")
def served(
    seeded_template: Path, tmp_path_factory: pytest.TempPathFactory, addresses: dict[str, str]
) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("applications")
    shutil.copyfile(seeded_template, folder / "authserver.db")
    declared = document.clients_yaml(addresses)
    for served in serve(folder, f"sqlite:///{folder / 'authserver.db'}", workers=1, declared=declared):
        with served.database.write() as connection:
            users.set_roles(connection, served.sub, ["app-admin"], 1)
        addresses["login"] = served.issuer
        yield served


@pytest.fixture
def browser(served: Served) -> Iterator[Browser]:
    """A browser of ada's, without cookies."""
    with remote_browser(served.issuer) as browser:
        yield browser


@pytest.fixture(scope="session")
def python(request: pytest.FixtureRequest) -> Path:
    """An interpreter that has the applications."""
    return python_with_applications(request.config)


@pytest.fixture
def start(served: Served, addresses: dict[str, str], python: Path, tmp_path: Path) -> Start:
    """Run a program with the lines of a section of the document, until the block is left."""

    @contextmanager
    def running(section: str, host: str, *arguments: str) -> Iterator[Site]:
        configuration = document.sections()[section].configurations[0]
        (tmp_path / "configuration").write_text(document.here(configuration, addresses), encoding="utf-8")
        port = int(addresses[host].rpartition(":")[2])
        secret = f"{section.split(maxsplit=1)[0].upper()}_SECRET"
        environ = os.environ | {"PORT": str(port), secret: document.SECRET, "HOME": str(tmp_path)}
        command: list[str | Path] = [python, *(argument.replace("{port}", str(port)) for argument in arguments)]
        with (tmp_path / "output").open("w+") as output, _group(command, tmp_path, environ, output.fileno()) as process:

            def answers() -> bool:
                assert process.poll() is None, (tmp_path / "output").read_text()
                with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    return True
                return False

            eventually(answers)
            site = Site(addresses[host], served.issuer)
            with site.http:
                yield site

    return running


@contextmanager
def _group(
    command: list[str | Path], folder: Path, environ: dict[str, str], output: int
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command, cwd=folder, env=environ, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
    )
    try:
        yield process
    except BaseException:
        print((folder / "output").read_text()[-4000:])
        raise
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE)
