"""A server with every surface by which something is done to a person, and people who are alike on each."""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from click.testing import CliRunner
from sqlalchemy import Table, select

from authserver.cli import GROUPS, ListedGroup
from authserver.store import devices, directory, links, sessions, users
from authserver.store.allowed import consents
from authserver.store.allowed.tables import authorizations
from authserver.store.allowed.tables import consents as consents_table
from authserver.store.sessions import SignIn, UpstreamSession
from authserver.store.tables import devices as devices_table
from authserver.store.tables import events, jobs, user_roles
from authserver.store.tables import identities as identities_table
from authserver.store.tables import links as links_table
from authserver.store.tables import sessions as sessions_table
from authserver.store.upstream import identities
from authserver.store.users import User
from tests.accounts.post import answer_recoveries
from tests.flows.browser import PASSWORD, Browser, Landing
from tests.flows.federation.journey import Journey
from tests.flows.relying_party import Tokens
from tests.mail.post import queued
from tests.management.api import Api
from tests.provider.people import Person
from tests.store.people import start_authorization

# What belongs to a sign-in on the way, or is asked for before anything is done.
BESIDES = ("user:login:succeeded", "user:consent:", "user:email:requested", "user:reset:", "authorization:", "token:")
ON_THE_WAY = {"verify", "reset", "invite", "new_device", "prove"}
WHO = {"by", "through", "caller", "provider", "sid", "authorization"}
DAY = 86400
USERS = ListedGroup("users", *GROUPS["users"])


@dataclass(frozen=True)
class Told:
    """What was kept of an act: events with what they say of it, and letters, with the person's name taken out."""

    events: list[tuple[str, dict[str, Any]]]
    letters: list[tuple[str, str]]
    texts: list[str]


@dataclass
class World:
    """The server, and what acts on its people."""

    journey: Journey

    @cached_property
    def admin(self) -> Api:
        """The API, as somebody may use it who may do everything."""
        return Api(self.journey.site, self.tokens("console", "root").access_token)

    def twin(self, username: str, *, verified: bool = True, issuer: str | None = None) -> str:
        """A person like every other twin, with something of each kind running; returns their `sub`."""
        now, journey = self.journey.site.clock.now, self.journey
        email = f"{username}@example.com"
        sub = journey.add(username, email=email, email_verified=verified, name="Twin", roles=["user"]).sub
        with journey.site.database.write() as connection:
            directory.set_groups(connection, sub, ["staff"], now)
            for upstream in (None, UpstreamSession("example")):
                signing_in = SignIn(sub, ("pwd",), DAY, DAY, auth_time=now, upstream=upstream)
                _, session = sessions.start(connection, signing_in, now)
                start_authorization(connection, sub, session.sid, offline=upstream is None)
            devices.remember(connection, None, sub, now, DAY)
            consents.remember(connection, sub, "portal", ("openid",), (), now)
            links.make(connection, "reset", email, now, DAY, sub=sub)
            row: dict[str, Any] = {"subject": username, "sub": sub, "provider": "example", "email": email, "now": now}
            identities.add(connection, issuer=issuer or journey.upstream.issuer, sealed_tokens=None, **row)
        said = {"email": email, "email_verified": True, "name": "Twin"}
        journey.upstream.people[username] = Person("Twin", said)
        journey.site.people = {**journey.site.people, username: sub}
        return sub

    def running(self, username: str) -> dict[str, list[Any]]:
        """The keys of what runs for a person."""
        now, sub = self.journey.site.clock.now, self.journey.site.people[username]
        with self.journey.site.database.read() as connection:

            def keys(table: Table, column: str, *which: Any) -> list[Any]:
                found = select(table.c[column]).where(table.c.sub == sub, *which).order_by(table.c[column])
                return list(connection.scalars(found))

            return {
                "sessions": [each.sid for each in sessions.of_person(connection, sub, now)],
                "offline": keys(authorizations, "id", authorizations.c.revoked_at.is_(None), authorizations.c.offline),
                "online": keys(authorizations, "id", authorizations.c.revoked_at.is_(None), ~authorizations.c.offline),
                "devices": keys(devices_table, "digest"),
                "consents": keys(consents_table, "client_id"),
                "links": keys(links_table, "digest", links_table.c.spent_at.is_(None)),
                "identities": keys(identities_table, "subject"),
            }

    def rows(self, username: str, before: dict[str, list[Any]], old_hash: str | None) -> dict[str, Any]:
        """What is kept of a person, with their name taken out: of what ran `before`, how much is left."""
        sub = self.journey.site.people[username]
        with self.journey.site.database.read() as connection:
            user = users.get(connection, sub)
            roles = [
                tuple(row)
                for row in connection.execute(
                    select(user_roles.c.role, user_roles.c.source)
                    .where(user_roles.c.sub == sub)
                    .order_by(user_roles.c.role)
                )
            ]
            dead = connection.scalars(select(sessions_table.c.sid).where(sessions_table.c.sub == sub)).all()
        after = self.running(username)
        left = {name: len({*keys} & {*after[name]}) for name, keys in before.items()}
        if user is None:
            return {"account": None, "dead": len(dead), "roles": roles, **left}
        password = "none" if user.password_hash is None else "old" if user.password_hash == old_hash else "new"
        account = (
            (user.email or "").replace(username, "twin"),
            user.email_verified,
            user.name,
            password,
            user.disabled_at is not None,
        )
        return {"account": account, "roles": roles, "groups": user.groups, **left}

    def user(self, username: str) -> User | None:
        """A person as they are now."""
        with self.journey.site.database.read() as connection:
            return users.by_login(connection, username)

    def mark(self) -> tuple[int, int]:
        """Where events and letters end now."""
        answer_recoveries(self.journey.site.app.server)
        self.journey.site.app.server.recorder.flush()
        with self.journey.site.database.read() as connection:
            ids = [max([0, *connection.scalars(select(table.c.id))]) for table in (events, jobs)]
        return ids[0], ids[1]

    def told(self, username: str, since: tuple[int, int]) -> Told:
        """What was kept since then about a person."""
        self.mark()
        server = self.journey.site.app.server
        sub = self.journey.site.people.get(username)
        with server.database.read() as connection:
            kept = connection.execute(select(events).where(events.c.id > since[0]).order_by(events.c.id)).all()
            sub = sub or getattr(users.by_login(connection, username), "sub", None)
        sent = [each for each in queued(server.database, server.master) if each.id > since[1]]
        letters = [each for each in sent if username in each.to and each.kind not in ON_THE_WAY]
        return Told(
            [
                (row.name, {name: value for name, value in json.loads(row.detail).items() if name not in WHO})
                for row in kept
                if row.sub == sub and not row.name.startswith(BESIDES)
            ],
            [(each.kind, each.to.replace(username, "twin")) for each in letters],
            # An act from the command line is done by the machine's clock.
            [" ".join(re.sub(r"When: .*", "", each.text).split()).replace(username, "twin") for each in letters],
        )

    def command(self, *arguments: str, given: str = "") -> str:
        """`authserver users`, as an administrator runs it on this database, at the clock of the server."""
        done = CliRunner().invoke(USERS, arguments, input=given, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout.splitlines()[-1]

    def browse(self, username: str, place: str) -> tuple[Browser, Landing]:
        """A page of the account area, as the person sees it."""
        browser = self.journey.site.browser()
        landing = browser.open(f"/sign-in?to={place}")
        # The other form is the provider's button.
        return browser, browser.submit(landing, form=landing.page.forms[0], username=username, password=PASSWORD)

    def tokens(self, client_id: str, username: str) -> Tokens:
        """A sign-in to a client, by password."""
        client, browser = self.journey.site.client(client_id), self.journey.site.browser()
        attempt = client.ask()
        landing = browser.open(attempt.url)
        form = landing.page.forms[0]
        return client.finish(attempt, browser.submit(landing, form=form, username=username, password=PASSWORD))

    def mailed(self, pattern: str) -> str:
        """What the newest mail holds that is like this."""
        self.mark()
        server = self.journey.site.app.server
        newest = queued(server.database, server.master)[-1]
        found = re.search(pattern, newest.text, re.MULTILINE)
        assert found, newest.kind
        return found[1]
