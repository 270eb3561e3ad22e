"""Request parameters, strictly: one value each, from one place, valid UTF-8, no NUL.

RFC 6749 §3.1, §3.2 (no parameter more than once, empty is absent) and Appendix B (UTF-8);
RFC 8707 §2 lets `resource` repeat. https://www.rfc-editor.org/rfc/rfc6749#section-3.1
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote_from_bytes, unquote_to_bytes

from authserver.protocol.errors import ProtocolError

MAX_FIELDS = 100
# RFC 3986 §3.4: what may stand in a query, and % for what is escaped already.
QUERY_CHARACTERS = "%!$&'()*+,;=:@/?~"
REPEATABLE = "resource"
FAULTS = {
    "repeated": "a parameter is given more than once",
    "not UTF-8": "a parameter is not valid UTF-8",
    "holds NUL": "a parameter contains a NUL character",
    "too many": "there are too many parameters",
}


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameters by name; empty ones are absent. `faults` says what is wrong with which; those names have no value."""

    values: Mapping[str, str]
    resources: tuple[str, ...] = ()
    faults: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str | None:
        return self.values.get(name)

    def without(self, names: Collection[str]) -> "Parameters":
        """The same without what stands under these names."""
        values = {name: value for name, value in self.values.items() if name not in names}
        return Parameters(values, self.resources, self.faults)

    @property
    def names(self) -> frozenset[str]:
        """Every name that was given a value, faulty ones included."""
        return frozenset((*self.values, *self.faults))

    def refuse_faults(self) -> None:
        """Raise `invalid_request` where any parameter is faulty."""
        for name, fault in self.faults.items():
            raise ProtocolError(
                "invalid_request", f"The request is malformed: {FAULTS[fault]}.", detail=f"{name[:64]!r} {fault}"
            )


def parse(raw: bytes) -> Parameters:
    """Read `application/x-www-form-urlencoded` bytes, a query or a body; what is wrong is kept in `faults`."""
    values: dict[str, str] = {}
    resources: list[str] = []
    faults: dict[str, str] = {}
    pairs = raw.split(b"&", MAX_FIELDS)
    if len(pairs) > MAX_FIELDS:
        faults["*"] = "too many"
    for pair in pairs[:MAX_FIELDS]:
        raw_name, _, raw_value = pair.partition(b"=")
        name, value = _decode(raw_name), _decode(raw_value)
        if name is None or value is None:
            faults[name or "*"] = "not UTF-8"
        elif "\0" in name or "\0" in value:
            faults[name] = "holds NUL"
        elif name == REPEATABLE:
            if value:
                resources.append(value)
        elif name in values:
            faults[name] = "repeated"
        elif name:
            values[name] = value
    present = {name: value for name, value in values.items() if value and name not in faults}
    return Parameters(present, tuple(resources), faults)


def as_query(form: bytes) -> str:
    """A form as the query of a URI, so that the same request can be made by GET; stray bytes come out escaped."""
    return quote_from_bytes(form, safe=QUERY_CHARACTERS)


def _decode(raw: bytes) -> str | None:
    if b"%" in raw:
        raw = unquote_to_bytes(raw.replace(b"+", b" "))
    elif b"+" in raw:
        raw = raw.replace(b"+", b" ")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None
