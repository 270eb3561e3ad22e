"""What the demonstration keeps between two starts: one folder, its secrets readable by their owner only."""

import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

ROLES = ("guest", "user", "moderator", "admin")
CLIENT_SECRETS = (
    *("PORTAL_SECRET", "REPORTS_API_SECRET", "NIGHTLY_JOB_SECRET", "PORTAL_COOKIE_KEY"),
    "EXAMPLE_PROVIDER_SECRET",
)


@dataclass(frozen=True, slots=True)
class State:
    """`passwords` are the example people's, by username; `is_new` where they were made just now."""

    folder: Path
    client_secrets: dict[str, str] = field(repr=False)
    passwords: dict[str, str] = field(repr=False)
    is_new: bool


def load(folder: Path) -> State:
    """Read the folder, or make it and everything secret in it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / "secrets.json"
    is_new = not file.exists()
    if is_new:
        made = {
            "client_secrets": {name: secrets.token_urlsafe(32) for name in CLIENT_SECRETS},
            "passwords": {username: new_password() for username in ROLES},
        }
        _write_private(file, json.dumps(made, indent=2))
    kept = json.loads(file.read_text())
    missing = {name: secrets.token_urlsafe(32) for name in CLIENT_SECRETS if name not in kept["client_secrets"]}
    if missing:
        # The folder is of an earlier release.
        kept["client_secrets"] |= missing
        _write_private(file, json.dumps(kept, indent=2))
    return State(folder, kept["client_secrets"], kept["passwords"], is_new)


def new_password() -> str:
    """A password that is easy to type: three words that mean nothing, and two digits; about 63 bits."""
    words = ("".join(_syllable() for _ in range(3)).capitalize() for _ in range(3))
    return "-".join(words) + f"-{secrets.randbelow(90) + 10}"


def _syllable() -> str:
    return secrets.choice("bdfghklmnprstvz") + secrets.choice("aeiou")


def _write_private(file: Path, text: str) -> None:
    # Born with mode 0600, and whole or not at all.
    draft = file.with_suffix(".tmp")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(text)
    draft.replace(file)
