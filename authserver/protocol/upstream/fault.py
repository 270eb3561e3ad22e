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
    "denied": marked("You didn’t finish signing in at %(label)s. Try again, or sign in another way."),
    "unavailable": marked("%(label)s can’t be reached right now. Try again in a minute, or sign in another way."),
    "failed": marked(
        "We couldn’t accept the answer from %(label)s, so you aren’t signed in. Try again, or sign in another way."
    ),
    "not_allowed": marked("You can’t use this %(label)s account here. Choose another account, or sign in another way."),
    "no_account": marked(
        "You don’t have an account here yet, and signing in with %(label)s doesn’t create one. Ask your administrator."
    ),
    "disabled": marked("Your account here has been disabled. Ask your administrator."),
    "not_fresh": marked(
        "You need to sign in again, but %(label)s didn’t ask you to. Sign out there and try again, "
        "or sign in another way."
    ),
    "undated": marked(
        "%(label)s doesn’t say when you last signed in there, and this application needs to know. "
        "Enter your password instead. If you don’t have one, set one under “Forgot your password?”."
    ),
    "taken": marked(
        "This %(label)s account is already linked to someone else’s account here. It has to be removed there first."
    ),
    "last": marked(
        "This is the only way to sign in to your account. Before you remove it, link another one or set a password."
    ),
    "unknown": marked("This way of signing in isn’t set up here. Ask your administrator."),
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
