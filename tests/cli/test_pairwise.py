"""Pairwise subs at the command line: whose one is, and whether a sector's document can be fetched."""

import json
from pathlib import Path

import pytest

from authserver.clients.sectors import fault_of_sector
from authserver.keys.pairwise import Pairwise
from authserver.master_key import load
from authserver.protocol.client.client import Client
from authserver.protocol.client.sector import unlisted
from authserver.store.database import Database
from tests.cli.command import run_command
from tests.cli.conftest import CLIENTS, Run
from tests.conftest import make_settings

URI = "https://shop.example.com/callback"
SHOP = f"""\
  - client_id: shop
    name: Shop
    type: spa
    redirect_uris: [{URI}]
    subject_type: pairwise
    sector_identifier_uri: https://127.0.0.1:1/uris.json
"""


@pytest.fixture
def shop(tmp_path: Path, url: str) -> Path:
    """A clients.yaml with a client that has pairwise subs."""
    assert url
    file = tmp_path / "clients.yaml"
    file.write_text(CLIENTS.partition("clients:")[0] + "clients:\n" + SHOP)
    return file


def test_show_finds_whom_a_client_knows_by_a_pairwise_sub(run: Run, kept: Database, shop: Path) -> None:
    run("add", "ada", "--no-password")
    sub = json.loads(run("show", "ada", "--json").stdout)["sub"]
    pairwise = Pairwise(kept, lambda: load(make_settings(keys_dir=shop.parent / "keys")))
    client = Client("shop", "Shop", "spa", "none", sector="127.0.0.1")
    pairwise.prepare(client)
    # After --, since one can begin with a hyphen.
    shown = json.loads(run("show", "--json", "--", pairwise.seen(client, sub)).stdout)
    assert (shown["username"], shown["sub"]) == ("ada", sub)
    assert "nobody has this username" in run("show", "--", pairwise.seen(client, sub)[:-1], status=1).stderr


def test_check_says_where_the_document_of_a_sector_cannot_be_fetched(shop: Path) -> None:
    done = run_command(["clients", "check", "--fetch", str(shop)], shop.parent, {})
    assert done.returncode == 1
    assert "shop: sector_identifier_uri: it cannot be fetched" in done.stderr
    told = json.loads(run_command(["clients", "check", "--fetch", "--json", str(shop)], shop.parent, {}).stdout)
    assert [each["client_id"] for each in told["sectors"]] == ["shop"]
    assert run_command(["clients", "check", str(shop)], shop.parent, {}).returncode == 0


@pytest.mark.parametrize("uri", ["https://127.0.0.1:1/x", "https://[::ffff:10.0.0.1]/x", "http://192.0.2.1/x"])
def test_the_document_of_a_stranger_is_not_fetched_from_a_network_of_ours(uri: str) -> None:
    fault = fault_of_sector(uri, [URI])
    assert fault
    assert "an address that is n" in fault


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ([URI, "https://other.example.com/c"], None),
        (["https://other.example.com/c"], f"the document there does not list {URI}"),
        ({"uris": [URI]}, "the document there is no JSON array of redirect URIs"),
        ([URI, 1], "the document there is no JSON array of redirect URIs"),
        (None, "the document there is no JSON array of redirect URIs"),
    ],
)
def test_oidcc_registration_sector_uri_and_sector_bad(document: object, fault: str | None) -> None:
    assert unlisted([URI], document) == fault
