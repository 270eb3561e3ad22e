"""What everybody was given: roles and groups, read in pages, however many people there are."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Connection, bindparam, exists, func, literal_column, or_, select

from authserver.store.engine.statement import Statement
from authserver.store.factors.tables import passkeys, totp
from authserver.store.tables import identities, user_groups, user_roles, users

PAGE = 1000
_BETWEEN: Any = literal_column("' '")
_roles = (
    select(func.aggregate_strings(user_roles.c.role, _BETWEEN))
    .where(
        user_roles.c.sub == users.c.sub,
        or_(user_roles.c.source == "admin", user_roles.c.expires_at > bindparam("now", type_=BigInteger)),
    )
    .correlate(users)
    .scalar_subquery()
)
_groups = (
    select(func.aggregate_strings(user_groups.c.group_name, _BETWEEN))
    .where(user_groups.c.sub == users.c.sub)
    .correlate(users)
    .scalar_subquery()
)
_page = (
    select(users.c.sub, users.c.username, _roles, _groups)
    .where(users.c.sub > bindparam("after"), users.c.disabled_at.is_(None))
    .order_by(users.c.sub)
    .limit(PAGE)
)
_PAGE = Statement(_page)
_PAGE_WITHOUT_FACTOR = Statement(
    _page.where(*(~exists().where(factors.c.sub == users.c.sub) for factors in (totp, passkeys)))
)
_PAGE_WITH_WHETHER = Statement(
    _page.add_columns(or_(*(exists().where(factors.c.sub == users.c.sub) for factors in (totp, passkeys))))
)
_another = identities.alias()
_ONLY_BY = Statement(
    select(users.c.username, identities.c.email)
    .join(identities, identities.c.sub == users.c.sub)
    .where(
        identities.c.provider == bindparam("provider"),
        ~exists().where(passkeys.c.sub == users.c.sub),
        ~exists().where(_another.c.sub == users.c.sub, _another.c.provider != bindparam("provider")),
        users.c.password_hash.is_(None),
        users.c.disabled_at.is_(None),
    )
    .order_by(users.c.username)
)

_without = select(users.c.username).where(
    ~exists().where(identities.c.sub == users.c.sub, identities.c.provider == bindparam("provider")),
    users.c.disabled_at.is_(None),
)
_WITHOUT = Statement(_without.order_by(users.c.username))
_COUNT_WITHOUT = Statement(select(func.count()).select_from(_without.subquery()))
_GIVEN_BY = Statement(
    select(users.c.username)
    .join(user_roles, user_roles.c.sub == users.c.sub)
    .where(
        user_roles.c.source == bindparam("its_source"),
        user_roles.c.role == bindparam("its_role"),
        user_roles.c.expires_at > bindparam("now", type_=BigInteger),
        users.c.disabled_at.is_(None),
    )
    .order_by(users.c.username)
)


class Holding(NamedTuple):
    """Somebody who may sign in, with the names that they were given, separated by spaces and in no order."""

    username: str
    roles: str
    groups: str


def holdings(connection: Connection, now: int) -> Iterator[Holding]:
    """Everybody who is not disabled. A role that a provider gave counts until its time is over."""
    return _all(connection, _PAGE, now)


def without_factor(connection: Connection, now: int) -> Iterator[Holding]:
    """Those among them who have no second factor."""
    return _all(connection, _PAGE_WITHOUT_FACTOR, now)


def first_without_factor(connection: Connection, now: int, most: int) -> tuple[list[Holding], bool]:
    """Those without a second factor among the first `most` people, a multiple of `PAGE`; and whether there are more."""
    found, after = list[Holding](), ""
    for _ in range(most // PAGE):
        rows = _PAGE_WITH_WHETHER.rows(connection, {"after": after, "now": now})
        found += [Holding(username, roles or "", groups or "") for _, username, roles, groups, has in rows if not has]
        if len(rows) < PAGE:
            return found, False
        after = rows[-1][0]
    return found, True


def _all(connection: Connection, page: Statement, now: int) -> Iterator[Holding]:
    after = ""
    while rows := page.rows(connection, {"after": after, "now": now}):
        yield from (Holding(username, roles or "", groups or "") for _, username, roles, groups in rows)
        after = rows[-1][0]


class OnlyBy(NamedTuple):
    """Somebody who can sign in by one provider alone, and the address that it last said they have."""

    username: str
    email: str | None


def only_by(connection: Connection, provider: str) -> list[OnlyBy]:
    """Those who can sign in by this provider and in no other way: they have no password, no passkey, no other one."""
    return [OnlyBy(*row) for row in _ONLY_BY.rows(connection, {"provider": provider})]


def without(connection: Connection, provider: str) -> list[str]:
    """The usernames of those who have not linked this provider."""
    return _WITHOUT.column(connection, {"provider": provider})


def count_without(connection: Connection, provider: str) -> int:
    """How many those are."""
    return _COUNT_WITHOUT.value(connection, {"provider": provider}) or 0


def given_by(connection: Connection, provider: str, role: str, now: int) -> list[str]:
    """The usernames of those whom this provider has given a role that still counts."""
    values = {"its_source": f"provider:{provider}", "its_role": role, "now": now}
    return _GIVEN_BY.column(connection, values)
