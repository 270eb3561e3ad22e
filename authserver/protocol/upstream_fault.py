"""Why a sign-in through a provider led nowhere: a name that a link can carry, and our own words for people.

Nothing that a provider says of an error is among them: its words are not ours to repeat.
"""

from typing import Literal

UpstreamFault = Literal[
    "denied", "unavailable", "failed", "not_allowed", "no_account", "disabled", "not_fresh", "taken", "last", "unknown"
]
_SENTENCES: dict[UpstreamFault, str] = {
    "denied": "You did not finish signing in at {label}. Try again, or choose another way.",
    "unavailable": "{label} cannot be reached at the moment. Try again in a minute, or choose another way.",
    "failed": "The answer of {label} could not be accepted, so nobody was signed in. Try again, or choose another way.",
    "not_allowed": "Your account at {label} may not be used here. Choose another account or another way.",
    "no_account": "You have no account here yet, and none is made for people who come from {label}. "
    "Ask your administrator for one.",
    "disabled": "Your account here is disabled. Ask your administrator.",
    "not_fresh": "{label} did not have you sign in again, which is asked for here. Sign out at {label} and try again, "
    "or choose another way.",
    "taken": "This account at {label} signs in somebody else here already. Remove it there first.",
    "last": "This is the only way into your account. Add another one, or choose a password, before you remove it.",
    "unknown": "This way of signing in is not set up here. Ask your administrator.",
}


class UpstreamError(Exception):
    """A sign-in that leads nowhere; `detail` is for the log alone."""

    def __init__(self, fault: UpstreamFault, detail: str = "") -> None:
        super().__init__(fault)
        self.fault: UpstreamFault = fault
        self.detail = detail


def sentence(fault: str, label: str) -> str:
    """The words for a fault at the provider with this label; for a name that is none, the most general ones."""
    name: UpstreamFault = next((each for each in _SENTENCES if each == fault), "failed")
    return _SENTENCES[name].format(label=label)
