"""A session of requests that calls as `transport` does, and what it fetches."""

import json
from typing import Any

from requests import RequestException, Session

from authserver.outbound.fault import CallError
from authserver.outbound.transport import Transport
from authserver.outbound.words import words


def bind(session: Session, transport: Transport) -> None:
    """Let a session call through this transport, and by nothing that the environment says."""
    # No netrc: it would put another password in the place of the client's secret.
    session.trust_env = False
    for scheme in ("http://", "https://"):
        session.mount(scheme, transport)


def get_json(session: Session, url: str, **kwargs: Any) -> Any:
    """GET what should be JSON. Raises CallError."""
    try:
        response = session.request("GET", url, headers={"Accept": "application/json"}, **kwargs)
        if response.status_code != 200:
            raise CallError(f"status {response.status_code} from {url[:200]!r}", is_away=True)
        return json.loads(response.content)
    except (RequestException, ValueError, RecursionError) as error:
        raise failure(error) from None


def failure(error: Exception) -> CallError:
    """What went wrong on the way there or back, without repeating what was received."""
    is_away = isinstance(error, RequestException) and not isinstance(error, ValueError)
    return CallError(words(error), is_away=is_away)
