"""What a device and its person send, to be spoilt in one place."""

from tests.adversary.spoil import Pairs
from tests.adversary.target import VERIFIER, Target, pairs_of
from tests.flows.device import DEVICE_CODE
from tests.flows.registry import REPORTS
from tests.flows.relying_party import challenge_of


def asked() -> Pairs:
    """A device authorization request."""
    parameters = {
        "client_id": "tv",
        "scope": "openid offline_access read:reports",
        "resource": REPORTS,
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
    }
    return pairs_of(parameters)


def polled(target: Target) -> Pairs:
    """The poll of a device whose person has allowed it."""
    parameters = {
        "grant_type": DEVICE_CODE,
        "client_id": "tv",
        "device_code": target.device(is_allowed=True).device_code,
        "code_verifier": VERIFIER,
        "resource": REPORTS,
    }
    return pairs_of(parameters)


def linked(target: Target) -> Pairs:
    """What a link with a code brings."""
    return pairs_of({"user_code": target.device().user_code})


def typed(target: Target) -> Pairs:
    """What the form with a code sends."""
    return pairs_of({"csrf_token": target.csrf_token, "user_code": target.device().user_code})
