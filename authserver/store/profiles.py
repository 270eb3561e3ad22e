"""What a person says of themselves."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, update

from authserver.store.tables import users

NAMES = ("name", "given_name", "family_name", "picture", "locale", "zoneinfo")
_SET = (
    update(users)
    .where(users.c.sub == bindparam("person"))
    .values(updated_at=bindparam("now"), **{name: bindparam(f"new_{name}") for name in NAMES})
)


@dataclass(frozen=True, slots=True)
class Profile:
    """What a person says of themselves (OpenID Connect Core §5.1); None where nothing."""

    name: str | None
    given_name: str | None
    family_name: str | None
    picture: str | None
    locale: str | None
    zoneinfo: str | None


def set_profile(connection: Connection, sub: str, profile: Profile, now: int) -> None:
    """Replace what a person says of themselves."""
    values = {f"new_{name}": getattr(profile, name) for name in NAMES}
    connection.execute(_SET, {"person": sub, "now": now} | values)
