"""How many bytes a person, a sign-in, a refresh and an event cost in the database: `python -m bench.sizes`."""

import argparse
import sys
from collections.abc import Callable

from sqlalchemy import Connection, text

from authserver.protocol.request.authorization_request import BrowserRequest
from authserver.store import events, sessions, users
from authserver.store.allowed import authorizations, codes, refresh_tokens
from authserver.store.allowed.codes import Redemption
from authserver.store.database import Database
from bench.databases import DATABASES, migrated
from bench.scene import AUDIENCE, REDIRECT_URI, SCOPE

NOW, HOUR, MONTH = 1_800_000_000, 3600, 30 * 86_400
BATCH = 1000
HASH = "$argon2id$v=19$m=65536,t=3,p=4$" + "s" * 22 + "$" + "h" * 43
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
ASKED = BrowserRequest(
    client_id="portal",
    scope=SCOPE,
    audiences=(AUDIENCE,),
    nonce="n" * 43,
    code_challenge="c" * 43,
    redirect_uri=REDIRECT_URI,
    redirect_uri_given=True,
    response_mode="query",
)
SIZE = {
    "sqlite": "SELECT (SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size)",
    "postgresql": "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relnamespace = "
    "'public'::regnamespace",
}


class Filling:
    """A database that fills, one kind of row after the other; each step builds on the one before."""

    def __init__(self, database: Database, number: int) -> None:
        self._database = database
        self._number = number
        self.subs: list[str] = []
        self.sids: list[str] = []
        self.tokens: list[str] = []

    def person(self, connection: Connection, n: int) -> None:
        """A person with an address, a name, a password and a role."""
        address, name = f"ada.lovelace{n}@example.com", f"Ada Lovelace the {n}th"
        person = users.add(
            connection, username=f"ada{n}", email=address, name=name, password_hash=HASH, roles=["user"], now=NOW
        )
        self.subs.append(person.sub)

    def session(self, connection: Connection, n: int) -> None:
        """A signed-in browser."""
        address = f"192.0.2.{n % 256}"
        how = sessions.SignIn(self.subs[n], ("pwd",), HOUR, MONTH, BROWSER, address)
        self.sids.append(sessions.start(connection, how, NOW)[1].sid)

    def code(self, connection: Connection, n: int) -> None:
        """An authorization whose code is redeemed, with its first refresh token."""
        started = authorizations.start(
            connection,
            ASKED,
            sub=self.subs[n],
            sid=self.sids[n],
            auth_time=NOW,
            amr=("pwd",),
            now=NOW,
            code_lifetime=60,
            expires_at=NOW + MONTH,
        )
        if started is None:
            raise RuntimeError("the session that was just begun has ended")
        redemption = Redemption(started[1], ASKED.client_id, REDIRECT_URI, ASKED.code_challenge)
        redeemed = codes.redeem(connection, redemption, NOW, idle=MONTH)
        self.tokens.append(redeemed.refresh_token or "")

    def refresh(self, connection: Connection, n: int) -> None:
        """A refresh token that takes the place of one that was used."""
        presented = self.tokens[n]
        refresh_tokens.rotate(connection, presented, ASKED.client_id, NOW + HOUR // 2, idle=MONTH, grace=60)

    def event(self, connection: Connection, n: int) -> None:
        """A row of the audit, such as a token issued."""
        detail = '{"grant_type": "refresh_token", "jti": "' + "j" * 22 + '"}'
        row = {"at": NOW, "name": "token:access_token:issued", "sub": self.subs[n], "client_id": "portal"}
        events.append(connection, [row | {"detail": detail, "address": "192.0.2.1", "request_id": "r" * 16}])

    def run(self, step: Callable[[Connection, int], None]) -> float:
        """Take a step for each person; returns bytes a step, indexes among them."""
        before = self._size()
        for first in range(0, self._number, BATCH):
            with self._database.write() as connection:
                for n in range(first, min(first + BATCH, self._number)):
                    step(connection, n)
        return (self._size() - before) / self._number

    def _size(self) -> int:
        with self._database.read() as connection:
            return int(connection.scalar(text(SIZE[connection.dialect.name])) or 0)


def main() -> None:
    """Fill each database, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.sizes", description=__doc__)
    parser.add_argument("--number", type=int, default=20_000, help="of each")
    number = parser.parse_args().number
    for name in DATABASES:
        with migrated(name) as (opened, database):
            filling = Filling(database, number)
            sys.stdout.write(f"\n{opened.name}, bytes with indexes, {number:,} of each\n")
            for step in (filling.person, filling.session, filling.code, filling.refresh, filling.event):
                about = (step.__doc__ or "").rstrip(".")
                sys.stdout.write(f"  {about:75} {filling.run(step):6.0f}\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
