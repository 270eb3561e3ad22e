"""The example people, one for each role, put into the database of the demonstration."""

import time

from authserver.cli.context import open_database
from authserver.settings import Settings
from authserver.signin.password import Passwords
from authserver.store import users
from authserver.store.upkeep import migrations
from examples.demo.state import State

NAMES = {"guest": "Gwen Guest", "user": "Uma User", "moderator": "Mo Moderator", "admin": "Ada Admin"}


def ensure(state: State, settings: Settings) -> None:
    """Migrate the database and add whoever is missing. People who are there keep what they are."""
    database = open_database(settings)
    migrations.upgrade(database)
    with database.read() as connection:
        known = {username: users.by_login(connection, username) for username in state.passwords}
    passwords = Passwords(settings)
    now = int(time.time())
    for username, password in state.passwords.items():
        person = known[username]
        if person is not None and not state.is_new:
            continue
        password_hash = passwords.hash(password)
        with database.write() as connection:
            if person is not None:
                users.set_password(connection, person.sub, password_hash, now)
                continue
            given_name, family_name = NAMES[username].split()
            users.add(
                connection,
                username=username,
                email=f"{username}@example.com",
                email_verified=True,
                password_hash=password_hash,
                name=NAMES[username],
                given_name=given_name,
                family_name=family_name,
                roles=[username],
                now=now,
            )
    database.engine.dispose()
