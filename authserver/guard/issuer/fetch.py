"""One careful GET of a JSON document: https or loopback http, no redirects, bounded in size and time."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    getproxies,
)

from authserver.guard.issuer.deadline import Deadline

TIMEOUT_SECONDS = 3.0
MAX_BYTES = 256 * 1024
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age=\"?(\d{1,9})", re.ASCII | re.IGNORECASE)
_NOT_CACHED = re.compile(r"(?:^|[,\s])no-(?:store|cache)\b", re.ASCII | re.IGNORECASE)


class FetchError(Exception):
    """A document could not be had; the text says why, for the log."""


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON object and the seconds for which it may be kept (None where its sender did not say)."""

    body: Mapping[str, Any]
    max_age: int | None


Fetch = Callable[[str], Document]


def is_trustworthy_url(url: str) -> bool:
    """Whether keys may be read from there: https, or http on a loopback address; no user, no fragment."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or "@" in parts.netloc or parts.fragment or not url.isascii() or not url.isprintable():
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK_HOSTS)


def fetch_json(url: str, user_agent: str = "authserver-guard") -> Document:
    """GET a JSON object. Raises FetchError."""
    if not is_trustworthy_url(url):
        raise FetchError("the address is neither https nor http on this machine")
    request = Request(url, headers={"Accept": "application/json", "User-Agent": user_agent})  # noqa: S310 - checked above
    with Deadline(TIMEOUT_SECONDS) as deadline:
        try:
            with _opener(deadline).open(request, timeout=TIMEOUT_SECONDS) as response:
                body = _read(response)
                cache_control = response.headers.get("Cache-Control", "")
            # What was cut off can look whole.
            if deadline.is_over():
                raise TimeoutError
            document = json.loads(body)
        except HTTPError as error:
            error.close()
            raise FetchError(f"it answered with status {error.code}") from None
        except (OSError, HTTPException, ValueError, RecursionError) as error:
            if deadline.is_over():
                raise FetchError(f"it took longer than {TIMEOUT_SECONDS:g} s") from None
            raise FetchError(f"it could not be read ({type(error).__name__})") from error
    if not isinstance(document, dict):
        raise FetchError("it is not a JSON object")
    return Document(document, _max_age(cache_control))


def _read(response: HTTPResponse) -> bytes:
    body = bytearray()
    while piece := response.read1(16384):
        body += piece
        if len(body) > MAX_BYTES:
            raise FetchError(f"it is larger than {MAX_BYTES} bytes")
    return bytes(body)


def _max_age(cache_control: str) -> int | None:
    if _NOT_CACHED.search(cache_control):
        return 0
    found = _MAX_AGE.search(cache_control)
    return int(found[1]) if found else None


def _opener(deadline: Deadline) -> OpenerDirector:
    class WatchedConnection(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            deadline.watch(self.sock)

    # In this order TLS begins when Plain is connected, so that it has no more time than the rest.
    class WatchedTlsConnection(HTTPSConnection, WatchedConnection):
        pass

    class PlainHandler(HTTPHandler):
        def http_open(self, req: Request) -> HTTPResponse:
            return self.do_open(WatchedConnection, req)

    class TlsHandler(HTTPSHandler):
        def https_open(self, req: Request) -> HTTPResponse:
            return self.do_open(WatchedTlsConnection, req)

    # Put together by hand: no redirects are followed, no file or ftp address is opened, and http, which is
    # for this machine only, never goes through a proxy.
    opener = OpenerDirector()
    proxies = {scheme: url for scheme, url in getproxies().items() if scheme == "https"}
    for handler in (
        ProxyHandler(proxies),
        PlainHandler(),
        TlsHandler(),
        HTTPErrorProcessor(),
        HTTPDefaultErrorHandler(),
    ):
        opener.add_handler(handler)
    return opener
