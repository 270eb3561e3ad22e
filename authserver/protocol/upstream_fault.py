"""Why a sign-in through a provider led nowhere: a name that a link can carry, and our own words for people.

Nothing that a provider says of an error is among them: its words are not ours to repeat.
"""

from typing import Literal

from authserver.protocol.words import marked

UpstreamFault = Literal[
    "denied",
    "unavailable",
    "failed",
    "not_allowed",
    "no_account",
    "disabled",
    "not_fresh",
    "undated",
    "taken",
    "last",
    "unknown",
]
_SENTENCES: dict[UpstreamFault, str] = {
    "denied": marked("You did not finish signing in at %(label)s. Try again, or choose another way."),
    "unavailable": marked("%(label)s cannot be reached at the moment. Try again in a minute, or choose another way."),
    "failed": marked(
        "The answer of %(label)s could not be accepted, so nobody was signed in. Try again, or choose another way."
    ),
    "not_allowed": marked("Your account at %(label)s may not be used here. Choose another account or another way."),
    "no_account": marked(
        "You have no account here yet, and none is made for people who come from %(label)s. "
        "Ask your administrator for one."
    ),
    "disabled": marked("Your account here is disabled. Ask your administrator."),
    "not_fresh": marked(
        "%(label)s did not have you sign in again, which is asked for here. Sign out at %(label)s and try again, "
        "or choose another way."
    ),
    "undated": marked(
        "%(label)s does not say when you signed in there, and here that has to be known. Enter your password instead; "
        "if you have none, choose one under “Forgot your password?”."
    ),
    "taken": marked("This account at %(label)s signs in somebody else here already. Remove it there first."),
    "last": marked(
        "This is the only way into your account. Add another one, or choose a password, before you remove it."
    ),
    "unknown": marked("This way of signing in is not set up here. Ask your administrator."),
}


class UpstreamError(Exception):
    """A sign-in that leads nowhere; `detail` is for the log alone."""

    def __init__(self, fault: UpstreamFault, detail: str = "") -> None:
        super().__init__(fault)
        self.fault: UpstreamFault = fault
        self.detail = detail


def sentence(fault: str) -> str:
    """The words for a fault, with `%(label)s` of the provider in them; for an unknown name the most general ones."""
    name: UpstreamFault = next((each for each in _SENTENCES if each == fault), "failed")
    return _SENTENCES[name]
