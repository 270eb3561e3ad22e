"""Requests that Hypothesis draws: a valid one, spoilt in several places at once."""

import json

from hypothesis import strategies as st

from authserver.server import FORM
from tests.adversary.endpoints import METHODS
from tests.adversary.names import known_names
from tests.adversary.request import Valid
from tests.adversary.sent import Sent
from tests.adversary.spoil import CANARIES, SPOILS, Pairs, encoded, spoiled
from tests.adversary.target import Browser, Target
from tests.adversary.valid import VARIABLE, path_of, valid_requests
from tests.flows.registry import SECRETS

JUNK = (
    "", " ", "x", '"', "\\", "\xe9\xff", "\0", "%00", "a..b", "evil.example", "-1", "9" * 30, "9" * 5000, "A" * 8192,
    "*", "null", ",,;=", "https://evil.example", "127.0.0.1, ::1, x",
    *(canary.decode("latin-1") for canary in CANARIES),
)  # fmt: skip
HEADERS = (
    "HTTP_HOST", "HTTP_ORIGIN", "HTTP_REFERER", "HTTP_SEC_FETCH_SITE", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PROTO", "HTTP_FORWARDED", "HTTP_USER_AGENT", "HTTP_ACCEPT", "HTTP_ACCEPT_LANGUAGE", "HTTP_RANGE",
    "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_COOKIE", "HTTP_CONTENT_ENCODING", "HTTP_TRANSFER_ENCODING",
    "HTTP_X_HTTP_METHOD_OVERRIDE", "CONTENT_LENGTH", "HTTP_DPOP", "HTTP_X_CSRFTOKEN", "HTTP_EXPECT", "REMOTE_ADDR",
)  # fmt: skip
AUTHORIZATIONS = (
    "Basic", "Basic ", "Basic !!!", "Basic \xe9\xff", "Basic Og==", "Basic YQ==", "Basic /////w==", "Basic AAA6AAA=",
    "Bearer", "Bearer ", "Bearer a.b.c", "Bearer \xe9", "Bearer " + "A" * 20000, "DPoP x", "Basic " + "QUFB" * 3000,
    "basic cG9ydGFsOng=", "Basic cG9ydGFsOng=, Basic cG9ydGFsOng=", "\0", "Negotiate x",
)  # fmt: skip
CONTENT_TYPES = (
    None, "", "text/plain", "application/json", "multipart/form-data; boundary=x", "multipart/form-data",
    FORM + "; charset=utf-16", FORM.upper(), "application/xml", "\xe9/\xff", ";;;",
    "multipart/form-data; boundary=" + "x" * 300,
)  # fmt: skip
BROWSERS: st.SearchStrategy[Browser] = st.sampled_from(
    ["signed in", "anonymous", "halfway", "none", "forged", "garbage"]
)


@st.composite
def drawn_pairs(draw: st.DrawFn, pairs: Pairs) -> Pairs:
    """Parameters, up to three of them spoilt or made of random bytes."""
    present = [name for name, _ in pairs] or [b"x"]
    names = st.one_of(st.sampled_from(present), st.sampled_from([name.encode() for name in known_names()]))
    for _ in range(draw(st.integers(0, 3))):
        name = draw(names)
        if draw(st.booleans()):
            pairs = spoiled(pairs, name, draw(st.sampled_from(sorted(SPOILS))))
        else:
            pairs = [*(pair for pair in pairs if pair[0] != name), (name, draw(st.binary(max_size=30)))]
    return pairs


@st.composite
def drawn_requests(draw: st.DrawFn, target: Target, answered: list[tuple[str, str]]) -> Sent:
    """A request to one of these endpoints."""
    method, rule = draw(st.sampled_from(answered))
    valid: Valid = draw(st.sampled_from(valid_requests(method, rule)))(target)
    query, body = draw(drawn_pairs(valid.query)), draw(drawn_pairs(valid.body))
    # One in eight: what belongs into the body comes in the query, or both ways.
    match draw(st.integers(0, 15)):
        case 0:
            query, body = body, query
        case 1:
            query, body = query + body, query + body
    headers = dict(valid.headers)
    browser = draw(BROWSERS) if draw(st.integers(0, 3)) == 0 else valid.browser
    if cookie := target.cookie(browser):
        headers["HTTP_COOKIE"] = cookie
    authorization = draw(st.sampled_from(AUTHORIZATIONS)) if draw(st.integers(0, 4)) == 0 else valid.authorization
    if authorization is not None:
        headers["HTTP_AUTHORIZATION"] = authorization
    if draw(st.integers(0, 9)) == 0:
        body = [*body, (b"client_id", b"portal"), (b"client_secret", SECRETS["portal"].replace("%", "%25").encode())]
    headers |= draw(st.dictionaries(st.sampled_from(HEADERS), st.sampled_from(JUNK), max_size=2))
    written, usual = valid.written(body)
    content_type = draw(st.sampled_from(CONTENT_TYPES)) if draw(st.integers(0, 7)) == 0 else usual
    if draw(st.integers(0, 19)) == 0:
        method = draw(st.sampled_from((*METHODS, method.lower())))
    return Sent(
        method=method,
        path=draw(drawn_paths(target, rule)),
        query=encoded(query),
        body=written if valid.as_json else _body(body, content_type),
        content_type=content_type,
        headers=headers,
    )


@st.composite
def drawn_paths(draw: st.DrawFn, target: Target, rule: str) -> str:
    """The path of a rule, its variable parts filled in, now and then with junk."""
    junk = st.one_of(st.sampled_from(JUNK), st.text(st.characters(max_codepoint=255), max_size=20))
    path = VARIABLE.sub(lambda _: draw(junk), rule) if draw(st.integers(0, 2)) == 0 else path_of(rule, target)
    return path + (
        draw(st.sampled_from(("/", "//", "/..", "\0", ";x", "\xe9"))) if draw(st.integers(0, 19)) == 0 else ""
    )


def _body(pairs: Pairs, content_type: str | None) -> bytes:
    if content_type == "application/json":
        return json.dumps({name.decode("latin-1"): value.decode("latin-1") for name, value in pairs}).encode()
    if content_type and content_type.startswith("multipart/form-data; boundary"):
        boundary = content_type.partition("=")[2].encode()
        parts = [
            b"--" + boundary + b'\r\nContent-Disposition: form-data; name="' + name + b'"\r\n\r\n' + value + b"\r\n"
            for name, value in pairs
        ]
        return b"".join(parts) + b"--" + boundary + b"--\r\n"
    return encoded(pairs)
