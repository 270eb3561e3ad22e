"""What the document says agrees with itself, with the server and with what is installed to try it."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from authserver.clients.load import load
from authserver.protocol.metadata import metadata
from tests.applications.document import DOCUMENT, SECRET, clients_yaml, here, sections
from tests.applications.packages import REQUIREMENTS

TEXT = DOCUMENT.read_text(encoding="utf-8")
ISSUER = "https://login.example.com"
HOST = r"https://([a-z0-9-]+)\.example\.com"
# Where an application is installed for the tests, by the package whose version its row names.
PACKAGES = {
    "JupyterHub": ("jupyterhub", "oauthenticator"),
    "Django with allauth": ("django-allauth",),
    "Superset": ("flask-appbuilder",),
    "Synapse": ("matrix-synapse",),
    "Streamlit": ("streamlit",),
    "FastMCP": ("fastmcp",),
}


def rows() -> dict[str, list[str]]:
    """The first table, by application."""
    lines = re.findall(r"^\| \[(.+?)\]\(#.+?\) \|(.+)\|$", TEXT, re.MULTILINE)
    return {name: [cell.strip() for cell in rest.split("|")] for name, rest in lines}


def test_the_table_and_the_sections_have_the_same_applications() -> None:
    assert list(rows()) == list(sections())
    assert len(rows()) == 17


@pytest.mark.parametrize("name", sections())
def test_the_path_in_the_table_is_that_of_the_redirect_uri(name: str) -> None:
    path = rows()[name][0].strip("`")
    if path.startswith("/"):
        assert f".example.com{path}]" in sections()[name].entry
    else:
        assert re.search(r"redirect_uris: \[http://localhost[/\]]", sections()[name].entry)


def test_all_entries_together_are_a_sound_file_and_nothing_surprises(tmp_path: Path) -> None:
    path = tmp_path / "clients.yaml"
    path.write_text(clients_yaml())
    loaded = load(path, {})
    assert len(loaded.registry.clients) == 18
    warned = sorted((warning.where.partition(".")[2], warning.what.partition(":")[0]) for warning in loaded.warnings)
    assert warned == [
        ("pkce", "codes of this client can be injected; prefer pkce"),
        *[("redirect_uris[0]", "prefer http")] * 3,
    ]


@pytest.mark.parametrize("name", sections())
def test_the_application_says_the_client_id_of_its_entry_and_no_other_address(name: str) -> None:
    section = sections()[name]
    entry = yaml.safe_load(section.entry)
    (client, *_) = entry["clients"] if isinstance(entry, dict) else entry
    lines = "\n".join(section.configurations)
    assert re.search(rf"\b{re.escape(client['client_id'])}\b", lines)
    assert ISSUER in lines
    (host,) = {*re.findall(HOST, section.entry)} or {""}
    assert {*re.findall(HOST, lines)} <= {host, "login"}


@pytest.mark.parametrize("name", sections())
def test_each_block_is_of_the_language_that_it_is_marked_as(name: str) -> None:
    text = TEXT[TEXT.index(f"\n## {name}\n") :]
    for language, block in re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)[
        : len(sections()[name].configurations) + 1
    ]:
        if language == "python":
            ast.parse(block)
        elif language == "yaml":
            assert yaml.safe_load(here(block, {}))
        elif language == "toml":
            assert SECRET in str(tomllib.loads(here(block, {})))


def test_the_list_of_endpoints_is_that_of_the_metadata() -> None:
    listed = set(re.findall(rf"\| `({ISSUER}[^`]*)` \|", TEXT))
    told = {value for value in metadata(ISSUER, (), (), ()).values() if isinstance(value, str)}
    assert listed == told | {f"{ISSUER}/.well-known/openid-configuration"}


@pytest.mark.parametrize(("name", "packages"), PACKAGES.items())
def test_the_version_that_was_tried_is_the_one_that_the_table_names(name: str, packages: tuple[str, ...]) -> None:
    pinned = dict(line.lower().split("==") for line in REQUIREMENTS.read_text().splitlines() if "==" in line)
    for package in packages:
        version = ".".join(pinned[package].split(".")[:2])
        assert version in rows()[name][-1]
