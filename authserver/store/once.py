"""What is accepted once: the ids of others' tokens, remembered until the token itself is too old.

OpenID Connect Back-Channel Logout 1.0 §2.6, 8. https://openid.net/specs/openid-connect-backchannel-1_0.html
"""

from sqlalchemy import Connection

from authserver.protocol.digest import digest
from authserver.store.engine import removal
from authserver.store.engine.upsert import upsert
from authserver.store.tables import spent_ids

_table = spent_ids.c
_INSERT = upsert(spent_ids, lambda row: row.on_conflict_do_nothing().returning(_table.digest))
_DELETE_EXPIRED = removal.delete_expired(_table.digest, _table.expires_at)


def spend(connection: Connection, issuer: str, jti: str, expires_at: int) -> bool:
    """Spend the id of a token of this issuer; False where it was spent before. Of many at once one gets True.

    `expires_at`, in seconds since the epoch: from when on the token is refused for its age.
    """
    row = {"digest": digest(f"{issuer} {jti}"), "expires_at": expires_at}
    return _INSERT.row(connection, row) is not None


def delete_expired(connection: Connection, now: int, limit: int) -> int:
    """Forget up to `limit` ids whose tokens are too old by now; returns how many."""
    return _DELETE_EXPIRED.run(connection, {"before": now, "batch": limit})
