"""`authserver explain`: what a client would get for a person or itself, claim by claim, and the line of each."""

import json
import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import click

from authserver.cli import epilog
from authserver.cli.clients_file import JSON, load_or_exit
from authserver.cli.context import database_in_reach, load_settings, open_current_database, stop
from authserver.cli.terminal import say
from authserver.clients.file.faults import did_you_mean, quoted
from authserver.clients.file.reader import read
from authserver.clients.file.source import Source
from authserver.clients.registration.kept import RegisteredClients
from authserver.explain.because import Because, ExplainedClaim, Way
from authserver.explain.by_itself import ServiceQuestion, explain_service
from authserver.explain.explanation import Explanation
from authserver.explain.explanation import explain as explained
from authserver.explain.question import Question
from authserver.explain.workload import WorkloadQuestion, explain_workload
from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import REGISTERED, Registry
from authserver.settings import Settings
from authserver.store import clock, users

REFUSED = 3
_NAME, _VALUE = 16, 40


@click.command(
    epilog=epilog(
        (
            "explain --user ada --client portal",
            'explain --user ada --client portal --scope "openid email" --resource https://api.example.com',
            "explain --user ada@example.com --client portal --provider google --json",
            "explain --client nightly-job",
            "explain --client nightly-job --resource https://api.example.com --scope read:reports --json",
            "explain --workload github repo:acme/shop:ref:refs/heads/main",
        ),
        {
            0: "the tokens are printed",
            1: "no such person or client, or nothing could be looked up",
            2: "wrong options, or faulty settings",
            3: "the sign-in or the request would be refused, for reasons that are printed",
        },
    )
)
@click.option("--user", "login", help="Username or email address.")
@click.option("--workload", nargs=2, metavar="ISSUER SUBJECT", help="A job or pod instead: its issuer's name, its sub.")
@click.option("--claim", "claims", multiple=True, metavar="NAME=VALUE", help="A further claim of the workload's token.")
@click.option("--client", "client_id", help="The client_id. Alone: the client by itself. A workload may have only one.")
@click.option("--scope", help="What the client asks for. Default: all OpenID scopes that it may.")
@click.option("--resource", "resources", multiple=True, help="The audience of an API (RFC 8707).")
@click.option("--provider", help="The provider that vouched for the sign-in. Default: a password.")
@JSON
def explain(
    *,
    login: str | None,
    workload: tuple[str, str] | None,
    claims: tuple[str, ...],
    client_id: str | None,
    scope: str | None,
    resources: tuple[str, ...],
    provider: str | None,
    as_json: bool,
) -> None:
    """Show the tokens and userinfo that a client would get for a person, and what made each claim.

    With --client alone: the access token that client credentials would give to this client, without a person.

    With --workload: which client it may act as, and the access token that it would get.

    Nothing is issued.
    """
    settings = load_settings()
    if (login is not None and workload is not None) or (workload is None and client_id is None):
        stop("say who it is about: --user with --client, --client alone, or --workload")
    if provider is not None and login is None:
        stop("--provider vouches for a person: name them with --user")
    registry = load_or_exit(settings, settings.clients_file).registry
    client = _client(settings, registry, client_id)
    if client is None and client_id is not None:
        stop(f"no client is named {quoted(client_id)}{did_you_mean(client_id, registry.clients)}")
    source = read(settings.clients_file.read_bytes(), str(settings.clients_file))
    place = _Places(source, settings.clients_file)
    if workload is not None:
        about = _about_workload(registry, settings.issuer, source, workload, claims)
        asked = replace(about, client_id=client_id, scope=scope, resources=resources)
        told = explain_workload(asked, settings.access_token_lifetime)
        _tell(told, place, f"{workload[1]} of {workload[0]}", "may act as a client", as_json=as_json)
    if login is None:
        assert client is not None  # noqa: S101 - as checked above
        way = _way(source, client.client_id)
        alone = ServiceQuestion(registry, settings.issuer, client, scope, resources, int(time.time()), way)
        told = explain_service(alone, settings.access_token_lifetime)
        _tell(told, place, f"{client.client_id} by itself", "gets an access token", as_json=as_json)
    database = open_current_database(settings)
    now = clock.now(database)
    assert client_id is not None and client is not None  # noqa: S101, PT018 - as checked above
    with database_in_reach(), database.read() as connection:
        user = users.by_login(connection, login)
        if user is None:
            stop(f"nobody is named {quoted(login)}")
        way = _way(source, client_id)
        question = Question(
            registry, settings.issuer, user, client, scope, resources, provider, now, way, settings.signin_by_mail
        )
        found = explained(connection, question, settings.access_token_lifetime)
    _tell(found, place, f"{user.username} at {client_id}", "may sign in", as_json=as_json)


def _client(settings: Settings, registry: Registry, client_id: str | None) -> Client | None:
    if client_id is None or not client_id.startswith(REGISTERED):
        return registry.client(client_id)
    registered = RegisteredClients(open_current_database(settings), settings, lambda: None)
    return registered.shown(registry, client_id)


def _about_workload(
    registry: Registry, own_issuer: str, source: Source, workload: tuple[str, str], claims: tuple[str, ...]
) -> WorkloadQuestion:
    name, subject = workload
    issuers = {each.name: each for each in registry.workload_issuers.values()}
    if name not in issuers:
        stop(f"no issuer of workloads is named {quoted(name)}{did_you_mean(name, issuers)}")
    pairs = [claim.partition("=") for claim in claims]
    ways = {client_id: way for client_id in registry.clients if (way := _way(source, client_id)) is not None}
    given = {claim: value for claim, _, value in pairs}
    return WorkloadQuestion(registry, own_issuer, issuers[name], subject, given, now=int(time.time()), ways=ways)


def _tell(found: Explanation, place: "_Places", who: str, may: str, *, as_json: bool) -> NoReturn:
    if as_json:
        click.echo(json.dumps(_as_json(found, place), indent=2))
    else:
        _print(found, place, who, may)
    sys.exit(REFUSED if found.refusals else 0)


class _Places:
    """Where in clients.yaml a way leads, as `clients.yaml:7`."""

    def __init__(self, source: Source, path: Path) -> None:
        self._source, self._path = source, path

    def of(self, way: Way | None) -> str | None:
        return None if way is None else f"{self._path}:{self._source.place(way)[0]}"


def _way(source: Source, client_id: str) -> Way | None:
    listed: Any = source.data.get("clients") if isinstance(source.data, dict) else None
    for index, entry in enumerate(listed or ()):
        if isinstance(entry, dict) and entry.get("client_id") == client_id:
            return "clients", index
    return None


def _print(found: Explanation, place: _Places, who: str, may: str) -> None:
    if found.refusals:
        say(f"{who}: refused")
        for each in found.refusals:
            say(f"  {_reason(each, place)}")
    else:
        say(f"{who}: {may}")
    for note in found.notes:
        say(f"note: {_reason(note, place)}")
    if found.refusals:
        return
    for title, claims in (
        ("header of the access token", found.header),
        ("access token", found.access_token),
        ("ID token, beside iss, iat, exp, sid, at_hash, auth_time, amr", found.id_token),
        ("userinfo", found.userinfo),
    ):
        if not claims and not found.id_token:
            # Nobody signs in.
            continue
        say("")
        say(f"{title}{':' if claims else ': none'}")
        for claim in claims:
            _print_claim(claim, place)


def _print_claim(claim: ExplainedClaim, place: _Places) -> None:
    value = "-" if claim.value is None else json.dumps(claim.value, ensure_ascii=False)
    first, *rest = [_reason(each, place) for each in claim.reasons] or [""]
    say(f"  {claim.name:<{_NAME}}  {value:<{_VALUE}}  {first}".rstrip())
    for each in rest:
        say(f"  {'':<{_NAME}}  {'':<{_VALUE}}  {each}")


def _reason(because: Because, place: _Places) -> str:
    where = place.of(because.way)
    return because.text if where is None else f"{because.text} ({where})"


def _as_json(found: Explanation, place: _Places) -> dict[str, object]:
    def reasons(listed: Iterable[Because]) -> list[dict[str, str | None]]:
        return [{"text": each.text, "place": place.of(each.way)} for each in listed]

    def claims(listed: Iterable[ExplainedClaim]) -> list[dict[str, object]]:
        return [{"name": each.name, "value": each.value, "reasons": reasons(each.reasons)} for each in listed]

    return {
        "refusals": reasons(found.refusals),
        "notes": reasons(found.notes),
        "header": claims(found.header),
        "access_token": claims(found.access_token),
        "id_token": claims(found.id_token),
        "userinfo": claims(found.userinfo),
    }
