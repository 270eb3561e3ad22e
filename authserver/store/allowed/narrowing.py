"""Taking one scope back from a client: its living authorizations and the consent lose it, and the rest stays."""

from sqlalchemy import Connection, bindparam, select, update

from authserver.protocol.person.known_claims import KnownClaims
from authserver.protocol.token.withdrawn import Whole, left_of_authorization, left_of_claims, left_of_consent
from authserver.store.allowed import consents
from authserver.store.allowed.tables import authorizations
from authserver.store.engine.statement import Statement

_table = authorizations.c
# Locked, so that of several scopes withdrawn at once none stays; in one order, so that none waits for another in turn.
_LOCK = Statement(
    select(_table.id, _table.scope, _table.audiences, _table.api_scopes, _table.claims, _table.offline)
    .where(
        _table.sub == bindparam("person"),
        _table.client_id == bindparam("client"),
        _table.revoked_at.is_(None),
        _table.expires_at > bindparam("now"),
    )
    .order_by(_table.id)
    .with_for_update()
)
_NARROW = Statement(
    update(authorizations)
    .where(_table.id == bindparam("key"))
    .values(
        scope=bindparam("left"),
        api_scopes=bindparam("left_of_apis"),
        claims=bindparam("left_of_claims"),
        offline=bindparam("stays_offline"),
    )
)


def withdraw_scope(
    connection: Connection, sub: str, client_id: str, scope: str, now: int, *, whole: Whole, known: KnownClaims
) -> bool:
    """Take one scope back, of OpenID's, of claims, or of an API as `Api.scope` writes it. False where it had none such.

    `whole` is what the client may have of its APIs. Access tokens say less from then on, wherever this server is asked.
    """
    # First, so that a yes which rests on it is written before, and narrowed below, or not at all.
    remembered = consents.find_locked(connection, sub, client_id)
    changed = False
    for key, *row in _LOCK.rows(connection, {"person": sub, "client": client_id, "now": now}):
        granted, audiences, of_apis, claims, offline = row
        api_scopes = None if of_apis is None else of_apis.split()
        left = left_of_authorization(audiences.split(), api_scopes, scope, whole)
        values = {
            "left": " ".join(word for word in granted.split() if word != scope),
            "left_of_apis": None if left is None else " ".join(sorted(left)),
            "left_of_claims": " ".join(left_of_claims(claims.split(), scope, known)),
            # Without it nothing outlives the session (OpenID Connect Core §11).
            "stays_offline": offline and scope != "offline_access",
        }
        changed = changed or tuple(values.values()) != (granted, of_apis, claims, offline)
        _NARROW.run(connection, {"key": key, **values})
    if remembered is None:
        return changed
    audiences, singles = left_of_consent(remembered.audiences, remembered.api_scopes, scope, whole)
    left_of_scope = remembered.scope - {scope}
    consents.replace(connection, sub, client_id, left_of_scope, audiences, singles, now)
    return changed or (left_of_scope, audiences, singles) != (
        remembered.scope,
        remembered.audiences,
        remembered.api_scopes,
    )
