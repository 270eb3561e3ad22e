"""What audit events count as: the one place where they become metrics."""

from collections.abc import Callable, Mapping
from typing import Any

from authserver.events import EventName
from authserver.monitoring import names

SIGN_IN_REASONS: Mapping[EventName, str] = {
    "user:login:failed": "wrong_password",
    "user:login:throttled": "throttled",
    "user:code:failed": "wrong_code",
    "user:factor:failed": "wrong_second_factor",
    "user:passkey:failed": "passkey",
}
REPLAYED: Mapping[EventName, str] = {
    "token:code:replayed": "code",
    "token:device_code:replayed": "device_code",
    "token:refresh_token:replayed": "refresh_token",
}
# How the reasons of a failed client authentication begin.
CLIENT_REASONS = {"unknown": "unknown_client", "presented": "wrong_method", "wrong": "wrong_secret"}


class Heard:
    """Counts events; `client` gives the label of a client."""

    def __init__(self, client: Callable[[str | None], str]) -> None:
        self._client = client

    def __call__(self, name: EventName, client_id: str | None, detail: Mapping[str, Any]) -> None:
        """Count one."""
        names.EVENTS.add(name)
        if name == "token:access_token:issued":
            names.TOKENS.add(detail["grant_type"], self._client(client_id))
        elif name == "token:refresh_token:retried":
            names.REFRESH_RETRIES.add(self._client(client_id))
        elif name in REPLAYED:
            names.REPLAYS.add(REPLAYED[name], self._client(client_id))
        elif name == "user:login:succeeded":
            names.SIGN_INS.add(self._client(client_id))
        elif name == "user:login:refused":
            names.SIGN_IN_REFUSALS.add(f"provider_{detail['reason']}")
        elif name in SIGN_IN_REASONS:
            names.SIGN_IN_REFUSALS.add(SIGN_IN_REASONS[name])
        elif name.startswith("client:logout:"):
            names.CLIENT_LOGOUTS.add(name.rpartition(":")[2], self._client(client_id))
        elif name == "client:authentication:failed":
            reason = CLIENT_REASONS.get(str(detail["reason"]).partition(" ")[0], "other")
            names.CLIENT_REFUSALS.add(reason, self._client(client_id))
        elif name == "client:authentication:throttled":
            names.CLIENT_REFUSALS.add("throttled", self._client(client_id))
