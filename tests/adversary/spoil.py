"""Ways to spoil one parameter of a request, on the bytes that are sent."""

from collections.abc import Callable, Sequence
from urllib.parse import quote_from_bytes

Pair = tuple[bytes, bytes]
Pairs = list[Pair]
Spoil = Callable[[Pair], Sequence[Pair]]

# Unescaped in an answer, any of these would have become markup.
CANARIES = (b'"><script>zq</script>', b"'><img src=x onerror=zq()>", b'" onfocus="zq()', b"javascript:zq()//")
# Of so many digits that no id made by chance has them.
TEMPLATE, WORKED_OUT = b"{{493127*791903}}${493127*791903}", str(493127 * 791903)


def _value(raw: bytes) -> Spoil:
    return lambda pair: [(pair[0], raw)]


def _escaped(value: bytes) -> Spoil:
    return _value(quote_from_bytes(value, safe="").encode())


def _appended(raw: bytes) -> Spoil:
    return lambda pair: [(pair[0], pair[1] + raw)]


def _named(suffix: bytes) -> Spoil:
    return lambda pair: [(pair[0] + suffix, pair[1])]


SPOILS: dict[str, Spoil] = {
    "missing": lambda _pair: [],
    "empty": _value(b""),
    "without =": lambda pair: [(pair[0] + b"&", b"")],
    "repeated": lambda pair: [pair, pair],
    "repeated differently": lambda pair: [pair, (pair[0], b"other")],
    "repeated empty first": lambda pair: [(pair[0], b""), pair],
    "8 KiB": _value(b"A" * 8192),
    "8 KiB of escapes": _value(b"%2e" * 2730),
    "NUL": _appended(b"%00"),
    "NUL alone": _value(b"%00"),
    "NUL raw": _appended(b"\0"),
    "not UTF-8": _appended(b"%ff"),
    "not UTF-8 raw": _appended(b"\xff\xfe"),
    "overlong": _value(b"%c0%ae%c0%ae"),
    "lone surrogate": _value(b"%ed%a0%80"),
    "double quote": _appended(b"%22"),
    "double quote raw": _appended(b'"'),
    "backslash": _appended(b"%5c"),
    "backslash raw": _appended(b"\\"),
    "non-ASCII": _escaped("é𝕏\u202e".encode()),
    "non-ASCII raw": _value("é𝕏".encode()),
    "percent junk": _value(b"%"),
    "percent junk in hex": _value(b"%zz%u0041%"),
    "bracketed": _named(b"[]"),
    "indexed": _named(b"[0]"),
    "bracketed beside": lambda pair: [pair, (pair[0] + b"[]", b"other")],
    "CR LF": _escaped(b"x\r\nX-Injected: zq\r\n\r\nzq"),
    "CR LF raw": _value(b"x\r\nX-Injected: zq"),
    "spaces around": lambda pair: [(pair[0], b"+" + pair[1] + b"%20")],
    "upper case": lambda pair: [(pair[0], pair[1].upper())],
    "name in upper case": lambda pair: [(pair[0].upper(), pair[1])],
    "number": _value(b"9" * 40),
    "negative": _value(b"-1"),
    "not a number": _value(b"NaN"),
    "deep JSON": _value(b"%5b" * 2000),
    "JSON": _escaped(b'{"id_token":{"acr":{"values":["x"]}}}'),
    "more parameters": _escaped(b"x&code=zq&iss=https://evil.example#zq"),
    "SQL": _escaped(b"' OR 1=1; --"),
    "path": _escaped(b"../../../../etc/passwd"),
    "template": _escaped(TEMPLATE),
    "foreign URI": _escaped(b"https://evil.example/callback"),
    "protocol-relative": _escaped(b"//evil.example"),
} | {f"canary {number}": _escaped(canary) for number, canary in enumerate(CANARIES)}

# RFC 6749 §3.1, §3.2: a parameter with one of these faults makes the whole request malformed.
MALFORMED = frozenset(
    {"repeated", "repeated differently", "repeated empty first", "NUL", "NUL alone", "NUL raw"}
    | {"not UTF-8", "not UTF-8 raw", "overlong", "lone surrogate"}
)

# Those that a database could mind, which is to say one of the two and not the other.
STORABLE = MALFORMED | {"8 KiB", "non-ASCII", "number", "negative", "not a number", "SQL", "CR LF", "bracketed"}


def spoiled(pairs: Pairs, name: bytes, spoil: str) -> Pairs:
    """The pairs with one parameter spoilt; one that was not among them is added and spoilt."""
    present = pairs if any(key == name for key, _ in pairs) else [*pairs, (name, b"x")]
    return [new for pair in present for new in (SPOILS[spoil](pair) if pair[0] == name else [pair])]


def encoded(pairs: Pairs) -> bytes:
    return b"&".join(name + b"=" + value for name, value in pairs)
