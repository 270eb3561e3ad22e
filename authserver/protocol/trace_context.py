"""The trace that a request is a part of, as a header says it.

W3C Trace Context §3.2. https://www.w3.org/TR/trace-context/#traceparent-header
"""

import re
from dataclasses import dataclass

# A later version may say more after the flags; version ff is none.
_HEADER = re.compile(r"(?!ff)[0-9a-f]{2}-(?P<trace>[0-9a-f]{32})-(?P<parent>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})(-.*)?")
_LONGEST = 256


@dataclass(frozen=True, slots=True)
class TraceContext:
    """A place in a trace: the ids of the trace and of what asked, and whether it is being recorded."""

    trace_id: str
    parent_id: str
    is_sampled: bool

    def child(self, span_id: str) -> str:
        """The header for what is asked in turn by the span with this id (16 hexadecimal digits)."""
        return f"00-{self.trace_id}-{span_id}-{'01' if self.is_sampled else '00'}"


def parsed(header: str | None) -> TraceContext | None:
    """What `traceparent` says; None where it is missing or malformed, for then there is no trace (§3.2.2.5)."""
    if header is None or len(header) > _LONGEST:
        return None
    found = _HEADER.fullmatch(header)
    if found is None or (header.startswith("00") and found[4]):
        return None
    trace, parent = found["trace"], found["parent"]
    if not trace.strip("0") or not parent.strip("0"):
        return None
    return TraceContext(trace, parent, bool(int(found["flags"], 16) & 1))
