"""Which migrations belong to which release."""

from typing import NamedTuple

# The newest migration of each release. What comes after the last of them belongs to the release to come.
NEWEST = {"0.1.0": "0005", "0.2.0": "0019"}


class Release(NamedTuple):
    """A release, and the newest migration that it knows."""

    version: str
    revision: str


def first_that_knows(revision: str) -> str | None:
    """The first release whose code knows this migration; None if it belongs to the release to come."""
    return next((version for version, newest in NEWEST.items() if revision <= newest), None)


def before(revision: str) -> Release | None:
    """The release before the one that this migration belongs to; None if it belongs to the first."""
    older = [Release(*each) for each in NEWEST.items() if each[1] < revision]
    return older[-1] if older else None
