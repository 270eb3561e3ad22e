"""Variables that Kubernetes sets for its Services: one named `authserver` gives every pod around it some of ours.

Nobody meant them as settings. A variable that the pod itself declares stands in their place.
https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
"""

import re

_URL = r"(tcp|udp|sctp)://\S+"
# What each kind of name ends with, and what its value then is; `AUTHSERVER_REDIS_…` is of a Service `authserver-redis`.
_KINDS = tuple(
    (re.compile(rf"AUTHSERVER(_[A-Z0-9_]+)?_{name}"), re.compile(value, re.IGNORECASE))
    for name, value in (
        ("SERVICE_HOST", r"[0-9a-f.:]+"),
        ("SERVICE_PORT(_[A-Z0-9_]+)?", r"\d+"),
        ("PORT", _URL),
        (r"PORT_\d+_(TCP|UDP|SCTP)", _URL),
        (r"PORT_\d+_(TCP|UDP|SCTP)_PROTO", "tcp|udp|sctp"),
        (r"PORT_\d+_(TCP|UDP|SCTP)_PORT", r"\d+"),
        (r"PORT_\d+_(TCP|UDP|SCTP)_ADDR", r"[0-9a-f.:]+"),
    )
)


def is_service_link(name: str, value: str | None) -> bool:
    """Whether Kubernetes sets such a variable for a Service; `name` in any case."""
    upper = name.upper()
    return value is not None and any(kind.fullmatch(upper) and form.fullmatch(value) for kind, form in _KINDS)
