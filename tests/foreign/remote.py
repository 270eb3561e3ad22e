"""The test browser over real HTTP: the same pages, asked of a server that is a process of its own."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

import httpx
from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse, create_environ
from werkzeug.wrappers import Request

from tests.flows.browser import Browser
from tests.patience import PATIENCE


class RemoteClient:
    """What a browser needs of a test client, with the cookies kept by an HTTP client."""

    def __init__(self) -> None:
        self.http = httpx.Client(follow_redirects=False, timeout=PATIENCE)

    def open(
        self, url: str, *, method: str, data: Mapping[str, str] | None, headers: Mapping[str, str], **_ours: Any
    ) -> TestResponse:
        answer = self.http.request(method, url, data=data, headers=dict(headers))
        # Its length and coding were the connection's.
        kept = Headers([pair for pair in answer.headers.multi_items() if pair[0] != "transfer-encoding"])
        request = Request(create_environ(url))
        return TestResponse([answer.content], f"{answer.status_code} {answer.reason_phrase}", kept, request=request)


class RemoteApp:
    """A server that is reached by its URL."""

    def __init__(self, client: RemoteClient) -> None:
        self.client = client

    def test_client(self) -> RemoteClient:
        return self.client


@contextmanager
def remote_browser(issuer: str) -> Iterator[Browser]:
    """A browser without cookies."""
    client = RemoteClient()
    with client.http:
        yield Browser(cast("Flask", RemoteApp(client)), issuer, "127.0.0.1")
