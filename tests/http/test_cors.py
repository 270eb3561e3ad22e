"""Which browser origins may read an answer (Fetch standard; RFC 9700 §2.6)."""

import pytest

from authserver.http import cors

DECLARED = frozenset({"https://app.example.com"})
ITSELF = {"https://itself.example.com"}.__contains__


@pytest.mark.parametrize(
    ("rule", "origin", "allowed"),
    [
        ("any", None, "*"),
        ("any", "https://evil.example", "*"),
        ("registered", "https://app.example.com", "https://app.example.com"),
        ("registered", "https://itself.example.com", "https://itself.example.com"),
        ("none", "https://itself.example.com", None),
        ("registered", "https://evil.example", None),
        ("registered", "https://app.example.com.evil.example", None),
        ("registered", "http://app.example.com", None),
        ("registered", "https://APP.example.com", None),
        ("registered", "null", None),
        ("registered", "", None),
        ("registered", None, None),
        ("none", "https://app.example.com", None),
    ],
)
def test_an_origin_may_read_what_its_rule_says(rule: str, origin: str | None, allowed: str | None) -> None:
    headers = dict(cors.headers(rule, origin, DECLARED, ITSELF))
    assert headers.get("Access-Control-Allow-Origin") == allowed
    assert "Access-Control-Allow-Credentials" not in headers


@pytest.mark.parametrize("origin", [None, "https://app.example.com", "https://evil.example"])
def test_a_cache_never_gives_one_origin_the_answer_of_another(origin: str | None) -> None:
    assert dict(cors.headers("registered", origin, DECLARED, ITSELF))["Vary"] == "Origin"


def test_a_preflight_by_itself_allows_no_origin() -> None:
    reply = cors.preflight(("POST",))
    assert reply.status == 204
    assert "Access-Control-Allow-Origin" not in dict(reply.headers)
    assert dict(reply.headers)["Access-Control-Allow-Methods"] == "POST"
