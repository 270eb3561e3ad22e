"""What an endpoint for machines is told of a request, whatever a client writes into it."""

from threading import Event, Thread

import pytest
from werkzeug.test import create_environ

from authserver import server
from authserver.protocol.parameters import Parameters, parse
from authserver.server import Request


def request(path: str = "/token", **options: object) -> Request:
    environ = create_environ(path, "https://evil.example", **options)
    return Request(environ, "https://id.example.com/tenant", "192.0.2.1")


@pytest.mark.parametrize("name", ["If-Match", "if-match", "IF-MATCH"])
def test_a_header_is_found_in_any_case(name: str) -> None:
    assert request(headers={"If-Match": '"3"'}).header(name) == '"3"'


def test_the_type_of_a_body_is_a_header_like_the_others() -> None:
    asked = request(method="POST", content_type="application/X-WWW-form-urlencoded; charset=utf-8")
    assert asked.header("Content-Type") == "application/X-WWW-form-urlencoded; charset=utf-8"
    assert asked.media_type == "application/x-www-form-urlencoded"
    assert asked.is_form


@pytest.mark.parametrize("name", ["If-Match", "Content-Type", "Request-Method", "", "wsgi.input", "REMOTE_ADDR"])
def test_what_was_not_sent_is_none(name: str) -> None:
    assert request().header(name) is None


def test_method_path_and_query_are_as_they_were_sent() -> None:
    asked = request("/tenant/api/v1/users/a?limit=5&x=%20", method="PATCH")
    assert (asked.method, asked.path, asked.query) == ("PATCH", "/tenant/api/v1/users/a", b"limit=5&x=%20")


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "Forwarded", "X-Forwarded-Proto"])
def test_the_address_is_under_the_issuer_s_whatever_a_header_says(header: str) -> None:
    asked = request("/tenant/token?client_secret=x", headers={header: "evil.example"})
    assert asked.url == "https://id.example.com/tenant/token"


def test_a_path_that_begins_like_a_host_is_still_a_path() -> None:
    assert Request({"PATH_INFO": "//evil.example/token"}, "https://id.example.com", "").url == (
        "https://id.example.com//evil.example/token"
    )


def test_no_request_waits_while_another_reads_its_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    def posted(body: bytes) -> Request:
        form = {"CONTENT_TYPE": "application/x-www-form-urlencoded"}
        return Request(form, "https://id.example.com", "192.0.2.1", body)

    reads, goes_on = Event(), Event()

    def slowly(raw: bytes) -> Parameters:
        if raw == b"a=slow":
            reads.set()
            assert goes_on.wait(60)
        return parse(raw)

    monkeypatch.setattr(server, "parse", slowly)
    found: list[object] = []
    slow = Thread(target=lambda: found.append(posted(b"a=slow").parameters.get("a")))
    quick = Thread(target=lambda: found.append(posted(b"a=quick").parameters.get("a")))
    slow.start()
    assert reads.wait(60)
    quick.start()
    quick.join(60)
    goes_on.set()
    slow.join(60)
    assert found == ["quick", "slow"]


def test_the_parameters_of_a_request_are_read_once() -> None:
    asked = Request({"CONTENT_TYPE": "application/x-www-form-urlencoded"}, "https://id.example.com", "", b"a=1")
    assert asked.parameters is asked.parameters
