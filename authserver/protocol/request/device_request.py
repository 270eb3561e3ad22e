"""A request of a device, which a person answers in a browser elsewhere, and the code that leads them to it.

RFC 8628 §3.1, §3.3, §5.1, §6.1. https://www.rfc-editor.org/rfc/rfc8628#section-3.1
"""

import hmac
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import Registry
from authserver.protocol.parameters import Parameters
from authserver.protocol.request import pkce
from authserver.protocol.request.authorization_request import (
    AuthorizationRequest,
    BrowserRequest,
    asked_scopes,
    wished_levels,
)

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
# RFC 8628 §6.1: letters that no word is made of and that nobody takes for another.
USER_CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
USER_CODE_LENGTH = 8
# What people put between letters; longer than any spelling of a code is no code.
_BETWEEN = re.compile(r"[\s.\u2010-\u2015_-]+")
LONGEST_SPELLING = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRequest(AuthorizationRequest):
    """What a client asks where there is no browser. `device` is the key of its device code in the store, in hex.

    It asked from `address`, at `asked_at` seconds since the epoch.
    """

    device: str
    address: str
    asked_at: int

    @property
    def always_asks(self) -> bool:
        """RFC 8628 §5.4: whoever was sent a code by somebody else must see what it would give away."""
        return True


# Everything that can wait for a person.
WaitingRequest = BrowserRequest | DeviceRequest


def waiting_request(text: str) -> WaitingRequest:
    """A request out of its JSON."""
    return DeviceRequest.from_json(text) if "device" in json.loads(text) else BrowserRequest.from_json(text)


def check_device_request(
    parameters: Parameters,
    client: Client,
    registry: Registry,
    issuer: str,
    *,
    device: bytes,
    address: str,
    now: int,
) -> DeviceRequest:
    """The request that parameters make. Raises ProtocolError.

    A PKCE challenge is not asked for, and holds where it was sent: who redeems the device code must know its verifier.
    """
    granted, asked = asked_scopes(parameters, client, registry, issuer)
    return DeviceRequest(
        client_id=client.client_id,
        scope=granted,
        audiences=asked.audiences,
        api_scopes=asked.api_scopes,
        resource_given=bool(parameters.resources),
        acr_values=wished_levels(parameters),
        code_challenge=_challenge(parameters),
        device=device.hex(),
        address=address,
        asked_at=now,
    )


def _challenge(parameters: Parameters) -> str | None:
    sent, method = parameters.get("code_challenge"), parameters.get("code_challenge_method")
    return pkce.requested_challenge(sent, method, required=False)


def new_user_code(choose: Callable[[str], str]) -> str:
    """A new code without its hyphen; `choose` picks one letter at random."""
    return "".join(choose(USER_CODE_LETTERS) for _ in range(USER_CODE_LENGTH))


def as_shown(user_code: str) -> str:
    """A code as people read it: its two halves with a hyphen between them."""
    return f"{user_code[:4]}-{user_code[4:]}"


def as_typed(text: str) -> str | None:
    """The code that somebody typed in whatever spelling; None where it is none."""
    if len(text) > LONGEST_SPELLING:
        return None
    letters = _BETWEEN.sub("", text).upper()
    return letters if len(letters) == USER_CODE_LENGTH and set(letters) <= set(USER_CODE_LETTERS) else None


def user_code_digests(user_code: str, keys: Sequence[bytes]) -> list[bytes]:
    """What a code is stored under, one for each key, the current one first.

    Keyed: there are so few codes that a bare digest would give them away.
    """
    return [hmac.digest(key, user_code.encode("ascii"), "sha256") for key in keys]
