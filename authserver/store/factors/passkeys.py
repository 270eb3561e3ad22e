"""Passkeys: added once, found by their credential id, used with a counter that only goes up."""

from dataclasses import dataclass

from sqlalchemy import BigInteger, Boolean, Connection, and_, bindparam, or_, select, update

from authserver.protocol.digest import digest
from authserver.store.engine.statement import Statement
from authserver.store.engine.upsert import upsert
from authserver.store.factors.tables import passkey_offers, passkeys


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """What an authenticator has made. Ids and keys are base64url, `transports` words with spaces."""

    credential_id: str
    public_key: str
    sign_count: int
    aaguid: str
    transports: str
    is_synced: bool
    is_backed_up: bool


@dataclass(frozen=True, slots=True)
class Passkey:
    """One that is kept, and whose it is."""

    id: str
    sub: str
    credential_id: str
    public_key: str
    transports: str
    is_synced: bool


_FIELDS = (
    *(passkeys.c.id, passkeys.c.sub, passkeys.c.credential_id, passkeys.c.public_key),
    *(passkeys.c.transports, passkeys.c.is_synced),
)
_FIND = Statement(select(*_FIELDS).where(passkeys.c.id == bindparam("key")))
_OF_PERSON = Statement(select(*_FIELDS).where(passkeys.c.sub == bindparam("person")).order_by(passkeys.c.created_at))
_ADD = upsert(passkeys, lambda row: row.on_conflict_do_nothing())
_count = bindparam("count", type_=BigInteger)
_USE = Statement(
    update(passkeys)
    .where(
        passkeys.c.id == bindparam("key"),
        passkeys.c.sub == bindparam("person"),
        # WebAuthn Level 3 §7.2, step 22: an authenticator without a counter always says 0.
        or_(passkeys.c.sign_count < _count, and_(passkeys.c.sign_count == 0, _count == 0)),
    )
    .values(sign_count=_count, last_used_at=bindparam("now"), is_backed_up=bindparam("backed_up", type_=Boolean))
)
_DECLINE = upsert(
    passkey_offers,
    lambda row: row.values(sub=bindparam("person"), declined_until=bindparam("until")).on_conflict_do_update(
        index_elements=["sub"], set_={"declined_until": bindparam("until")}
    ),
)
_DECLINED = Statement(
    select(passkey_offers.c.sub).where(
        passkey_offers.c.sub == bindparam("person"),
        or_(passkey_offers.c.declined_until.is_(None), passkey_offers.c.declined_until > bindparam("now")),
    )
)


def key_of(credential_id: str) -> str:
    """What a passkey is kept under, by its credential id in base64url."""
    return digest(credential_id).hex()


def add(connection: Connection, sub: str, name: str, new: NewPasskey, now: int) -> bool:
    """Keep a passkey of a person. False where its credential id is kept already, whosever it is (§7.1, step 26)."""
    row = {
        "id": key_of(new.credential_id),
        "sub": sub,
        "name": name,
        "credential_id": new.credential_id,
        "public_key": new.public_key,
        "sign_count": new.sign_count,
        "aaguid": new.aaguid,
        "transports": new.transports,
        "is_synced": new.is_synced,
        "is_backed_up": new.is_backed_up,
        "created_at": now,
        "last_used_at": None,
    }
    return _ADD.run(connection, row) == 1


def find(connection: Connection, credential_id: str) -> Passkey | None:
    """The passkey with this credential id."""
    row = _FIND.row(connection, {"key": key_of(credential_id)})
    return Passkey(*row) if row else None


def of_person(connection: Connection, sub: str) -> list[Passkey]:
    """Those of a person, the oldest first."""
    return [Passkey(*row) for row in _OF_PERSON.rows(connection, {"person": sub})]


def use(connection: Connection, passkey: Passkey, sign_count: int, now: int, *, is_backed_up: bool) -> bool:
    """Note that a passkey was used. False where it is gone, or its counter has not gone up: it may be a copy."""
    values = {"key": passkey.id, "person": passkey.sub, "count": sign_count, "now": now, "backed_up": is_backed_up}
    return _USE.run(connection, values) == 1


def decline(connection: Connection, sub: str, until: int | None) -> None:
    """Offer a person no passkey until then, or never again."""
    _DECLINE.run(connection, {"person": sub, "until": until})


def may_offer(connection: Connection, sub: str, now: int) -> bool:
    """Whether a person has no passkey, and has not declined one."""
    return not of_person(connection, sub) and _DECLINED.row(connection, {"person": sub, "now": now}) is None
