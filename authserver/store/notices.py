"""A word from node to node that the signing keys have changed, so that none of them waits for its next look.

By Redis where there is one, else by PostgreSQL's NOTIFY. It only hastens: whoever misses it looks every few seconds.
"""

from collections.abc import Callable
from threading import Event
from typing import Any

import structlog
from sqlalchemy import text

from authserver.store.database import UNAVAILABLE, Database
from authserver.store.engine.statement import Statement

CHANNEL = "authserver_keys"
_NOTIFY = Statement(text(f"SELECT pg_notify('{CHANNEL}', '')"))
# Seconds: to connect to Redis, between two signs of life of it, and between two looks whether it is to end.
CONNECT, SIGN_OF_LIFE, LOOK = 1, 30, 0.5
_log = structlog.get_logger("authserver")


class Notices:
    """What nodes on one database tell each other; nothing on SQLite without Redis."""

    def __init__(self, database: Database, redis_url: str | None) -> None:
        self._database = database
        self._redis_url = redis_url

    def tell(self) -> None:
        """Say that the keys have changed, once that is committed. Never raises: it is not needed, only quicker."""
        if self._redis_url is not None:
            self._publish(self._redis_url)
        elif self._database.engine.dialect.name == "postgresql":
            try:
                with self._database.read() as connection:
                    _NOTIFY.row(connection, {})
            except UNAVAILABLE as error:
                _log.info("keys:not_told", reason=type(error).__name__)

    def listen(self, heard: Callable[[], None], stopped: Event) -> None:
        """Call `heard` now and at every notice, until this is `stopped`, the connection is lost, or there is none."""
        try:
            if self._redis_url is not None:
                self._subscribe(self._redis_url, heard, stopped)
            elif self._database.engine.dialect.name == "postgresql" and not self._database.is_pooled:
                # A pooler would give the connection that listens to others.
                self._listen(heard, stopped)
        except UNAVAILABLE as error:
            _log.info("keys:not_heard", reason=type(error).__name__)

    def _listen(self, heard: Callable[[], None], stopped: Event) -> None:
        with self._database.engine.connect() as connection:
            # Its own: the pool is for requests.
            connection.detach()
            driver: Any = connection.connection.dbapi_connection
            try:
                driver.execute(f"LISTEN {CHANNEL}")
                heard()
                while not stopped.is_set():
                    for _ in driver.notifies(timeout=LOOK):
                        heard()
            except connection.dialect.loaded_dbapi.Error as error:
                _log.info("keys:not_heard", reason=type(error).__name__)

    def _subscribe(self, url: str, heard: Callable[[], None], stopped: Event) -> None:
        from redis import Redis, RedisError

        options = {"socket_connect_timeout": CONNECT, "socket_timeout": CONNECT, "health_check_interval": SIGN_OF_LIFE}
        with Redis.from_url(url, **options) as redis, redis.pubsub(ignore_subscribe_messages=True) as subscription:
            try:
                subscription.subscribe(CHANNEL)
                heard()
                while not stopped.is_set():
                    if subscription.get_message(timeout=LOOK) is not None:
                        heard()
            except RedisError as error:
                _log.info("keys:not_heard", reason=type(error).__name__)

    def _publish(self, url: str) -> None:
        from redis import Redis, RedisError

        try:
            with Redis.from_url(url, socket_connect_timeout=CONNECT, socket_timeout=CONNECT) as redis:
                redis.publish(CHANNEL, "")
        except RedisError as error:
            _log.info("keys:not_told", reason=type(error).__name__)
