"""What a person says of themselves, and the picture that they uploaded."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from authserver.protocol.person.claims import PROFILE
from authserver.store import person_claims
from authserver.store.engine.statement import Statement
from authserver.store.tables import pictures, users

# Apart, so that whoever saves the rest of a page takes no picture back that was uploaded meanwhile.
PICTURE = "picture"
_of_person = users.c.sub == bindparam("person")
_SET = Statement(
    update(users)
    .where(_of_person)
    .values(updated_at=bindparam("now"), **{name: bindparam(f"new_{name}") for name in PROFILE if name != PICTURE})
)
_SET_PICTURE = Statement(
    update(users).where(_of_person).values(updated_at=bindparam("now"), picture=bindparam("new_picture"))
)
_SET_OWN = Statement(
    update(users).where(_of_person).values(updated_at=bindparam("now"), own_claims=bindparam("new_claims"))
)
_FORGET = Statement(delete(pictures).where(pictures.c.sub == bindparam("person")))
_KEEP = Statement(insert(pictures), columns=("sub", "handle", "content", "digest", "changed_at"))
_FIND = Statement(
    select(pictures.c.content, pictures.c.digest, pictures.c.changed_at)
    .join(users, users.c.sub == pictures.c.sub)
    .where(
        pictures.c.handle == bindparam("wanted"),
        users.c.picture == bindparam("address"),
        users.c.disabled_at.is_(None),
    )
)
_OF_PERSON = Statement(
    select(pictures.c.content, pictures.c.digest, pictures.c.changed_at).where(pictures.c.sub == bindparam("person"))
)


class Picture(NamedTuple):
    """An uploaded picture, made anew as JPEG, its SHA-256, and when it was uploaded."""

    content: bytes
    digest: bytes
    changed_at: int


def set_own_claims(connection: Connection, sub: str, claims: Mapping[str, Any], now: int) -> None:
    """Replace the claims about a person that an administrator declares, and those that were declared once."""
    _SET_OWN.run(connection, {"person": sub, "now": now, "new_claims": person_claims.own_kept(claims)})


def set_profile(connection: Connection, sub: str, profile: Mapping[str, Any], now: int) -> None:
    """Replace what is said of a person, but for the picture; `profile` has every other name, None for nothing."""
    kept = person_claims.kept({name: value for name, value in profile.items() if name != PICTURE})
    _SET.run(connection, {"person": sub, "now": now} | {f"new_{name}": value for name, value in kept.items()})


def set_picture_url(connection: Connection, sub: str, url: str | None, now: int) -> bool:
    """Replace the address of a person's picture. False where the person is gone."""
    return _SET_PICTURE.run(connection, {"person": sub, "now": now, "new_picture": url}) == 1


def set_picture(connection: Connection, sub: str, url: str, handle: str, content: bytes, now: int) -> bool:
    """Keep an uploaded picture in place of any before, and its address. False where the person is gone."""
    # First the row of the person: of two uploads at once, one waits here and then replaces the other's.
    if not set_picture_url(connection, sub, url, now):
        return False
    forget_picture(connection, sub)
    kept = {"sub": sub, "handle": handle, "content": content, "digest": sha256(content).digest(), "changed_at": now}
    _KEEP.run(connection, kept)
    return True


def forget_picture(connection: Connection, sub: str) -> None:
    """Remove what a person uploaded, if anything."""
    _FORGET.run(connection, {"person": sub})


def find_picture(connection: Connection, handle: str, url: str) -> Picture | None:
    """The picture of this handle, if its person's claim has this address and they are not disabled."""
    row = _FIND.row(connection, {"wanted": handle, "address": url})
    return None if row is None else Picture(*row)


def picture_of(connection: Connection, sub: str) -> Picture | None:
    """What a person uploaded, if anything."""
    row = _OF_PERSON.row(connection, {"person": sub})
    return None if row is None else Picture(*row)
