"""A plan by a running server, asked through its API: from where neither its database nor its settings are."""

import json
import os
from dataclasses import fields
from pathlib import Path
from typing import Any, NoReturn, TypeVar
from urllib.parse import quote_plus

from requests import RequestException, Response, Session

from authserver.cli.context import stop
from authserver.cli.planning.report import PlanReport
from authserver.cli.terminal import say
from authserver.clients.file.faults import ClientsFileError
from authserver.clients.file.on_disk import content_of
from authserver.clients.file.reader import MAX_BYTES
from authserver.outbound.client import bind
from authserver.outbound.fault import CallError
from authserver.outbound.transport import Transport
from authserver.outbound.words import words
from authserver.plan.consequence import Consequence
from authserver.plan.expectations import Disappointed
from authserver.plan.plan import Plan
from authserver.protocol import management
from authserver.protocol.client.proposal import Remark

# Seconds that everybody's roles may take to be worked out, with what else there is to do.
TIMEOUT = 120
MOST_BYTES = 64 * 1024 * 1024
CLIENT_ID, CLIENT_SECRET = "PLAN_CLIENT_ID", "PLAN_CLIENT_SECRET"
_LONGEST_TOKEN = 16384
Told = TypeVar("Told", Consequence, Disappointed, Remark)


def planned_at(issuer: str, file: Path, *, who: bool, token_file: Path | None) -> PlanReport:
    """The plan of the server with this issuer. What goes wrong ends the command with status 1, in words."""
    issuer = issuer.rstrip("/")
    text = _text(file)
    with Session() as session:
        bind(session, Transport(TIMEOUT, anywhere=True, http_on_loopback=True, most_bytes=MOST_BYTES))
        try:
            token = _from_file(token_file) if token_file else _token(session, issuer)
            headers = {"Authorization": f"Bearer {token}"}
            url = f"{issuer}{management.PATH}/plan"
            answer = session.post(url, json={"file": text, "who": who}, headers=headers)
        except CallError as error:
            stop(f"{issuer} cannot be asked: {error.detail}")
        except RequestException as error:
            stop(f"{issuer} cannot be asked: {words(error)}")
    if answer.status_code != 200:
        _refused(answer, file)
    return _report(_json(answer), issuer, file)


def _text(file: Path) -> str:
    try:
        content = content_of(file)
        if len(content) > MAX_BYTES:
            stop(f"{file} is larger than {MAX_BYTES // 2**20} MiB")
        return content.decode()
    except ClientsFileError as error:
        for fault in error.faults:
            say(str(fault), err=True)
        raise SystemExit(1) from None
    except UnicodeDecodeError:
        stop(f"{file} is not UTF-8")


def _from_file(path: Path) -> str:
    try:
        with path.open() as file:
            token = file.read(_LONGEST_TOKEN).strip()
    except (OSError, UnicodeDecodeError):
        stop(f"{path} cannot be read as a text")
    if not token.isascii() or not token.isprintable() or not token or " " in token:
        stop(f"{path} does not contain an access token")
    return token


def _token(session: Session, issuer: str) -> str:
    """An access token for the API, by client credentials (RFC 6749 §4.4)."""
    client_id, secret = os.environ.get(CLIENT_ID), os.environ.get(CLIENT_SECRET)
    if not client_id or not secret:
        stop(f"set {CLIENT_ID} and {CLIENT_SECRET} to a client of this server, or use --token-file")
    metadata = _json(session.get(f"{issuer}/.well-known/openid-configuration"))
    # RFC 8414 §3.3: or a secret would go wherever another server says.
    if metadata.get("issuer") != issuer:
        stop(f"{issuer} is not the issuer of the server there, which is {str(metadata.get('issuer'))[:200]}")
    # RFC 6749 §2.3.1: each part is encoded by itself.
    credentials = quote_plus(client_id), quote_plus(secret)
    form = {"grant_type": "client_credentials", "resource": issuer + management.PATH}
    answer = session.post(str(metadata.get("token_endpoint")), data=form, auth=credentials)
    token = _json(answer).get("access_token")
    if answer.status_code != 200 or not isinstance(token, str):
        stop(f"{issuer} gave no access token: {_said(answer)}")
    return token


def _refused(answer: Response, file: Path) -> NoReturn:
    if answer.status_code == 413:
        stop(f"{file} is larger than the server takes (AUTHSERVER_MAX_BODY)")
    body = _json(answer)
    faults = body.get("errors")
    if body.get("error") == "invalid_file" and isinstance(faults, list):
        for each in faults:
            say(f"{file}:{each.get('detail') if isinstance(each, dict) else each}", err=True)
        raise SystemExit(1)
    stop(f"the server refused: {_said(answer)}")


def _said(answer: Response) -> str:
    body = _json(answer)
    text = body.get("detail") or body.get("error_description") or ""
    return ascii(f"{answer.status_code} {body.get('error', '')} {text}".strip())[1:-1]


def _json(answer: Response) -> dict[str, Any]:
    try:
        body = json.loads(answer.content)
    except (ValueError, RecursionError):
        body = None
    return body if isinstance(body, dict) else {}


def _report(body: dict[str, Any], issuer: str, file: Path) -> PlanReport:
    try:
        plan = Plan(
            tuple(_told(Consequence, each | {"who": tuple(each["who"])}) for each in body["consequences"]),
            tuple(_told(Disappointed, each) for each in body["disappointed"]),
        )
        warnings = [f"{file}:{_told(Remark, each)}" for each in body["warnings"]]
        return PlanReport(f"clients.yaml at {issuer}", str(file), plan, warnings, int(body["expected"]))
    except (KeyError, TypeError, ValueError):
        stop(f"{issuer} answered something that is no plan: is it of another release?")


def _told(kind: type[Told], told: dict[str, Any]) -> Told:
    # A later release may tell more.
    known = {field.name for field in fields(kind)}
    return kind(**{name: value for name, value in told.items() if name in known})
