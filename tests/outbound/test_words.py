"""Why a call failed is told in words for people: no class of a library, no address in memory, nothing received."""

import json
import re
import socket
import ssl
from contextlib import closing
from http.client import RemoteDisconnected

import pytest
import requests
import urllib3.exceptions as inner
from requests import Session

from authserver.outbound.client import bind, failure, get_json
from authserver.outbound.fault import CallError
from authserver.outbound.transport import Transport
from authserver.outbound.words import words

LIBRARY = re.compile(r"Connection\w*\(|[a-z]+Error|<|Errno|Max retries|object at")
VERIFICATION = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")
VERIFICATION.verify_message = "certificate has expired"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (requests.ConnectionError(inner.ProtocolError("Connection aborted.", RemoteDisconnected("x"))), "ended before"),
        (
            requests.ConnectionError(inner.ProtocolError("x", ConnectionResetError(104, "reset by peer"))),
            "reset by peer",
        ),
        (requests.exceptions.SSLError(inner.SSLError(VERIFICATION)), "not accepted: certificate has expired"),
        (requests.exceptions.ProxyError(inner.ProxyError("x", OSError(111, "refused"))), "through the proxy, the conn"),
        (requests.ReadTimeout("HTTPSConnectionPool(host='x')"), "did not answer in time"),
        (requests.exceptions.InvalidURL("a secret"), "the address is malformed"),
        (json.JSONDecodeError("Expecting value", "a secret", 0), "the answer is malformed"),
        (KeyError("a secret"), "the answer is malformed"),
        (socket.gaierror(-2, "Name or service not known"), "cannot be resolved: Name or service not known"),
        (requests.RequestException("HTTPConnectionPool(a secret)"), "the connection failed"),
    ],
)
def test_a_fault_is_told_in_words(error: Exception, said: str) -> None:
    assert said in words(error)
    assert not LIBRARY.search(words(error))
    assert "secret" not in failure(error).detail


def test_a_call_that_nobody_takes_says_so() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
    with Session() as session:
        bind(session, Transport(60, anywhere=True, http_on_loopback=True))
        with pytest.raises(CallError) as fault:
            get_json(session, f"http://127.0.0.1:{port}/")
    assert (fault.value.detail, fault.value.is_away) == ("the connection failed: Connection refused", True)
