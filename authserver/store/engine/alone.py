"""Storage for a command, which no application opens: the database, whether Redis answers, what went wrong in words."""

import socket
import ssl

from sqlalchemy.exc import SQLAlchemyError

from authserver.store.database import Database, pooled
from authserver.store.engine.limits import Limits

# In seconds.
REDIS_TIMEOUT = 1


def open_database(database_url: str, lock_timeout: float, statement_timeout: float = 0) -> Database:
    """The database at this URL, by one connection, on which locks are waited for so many seconds.

    On PostgreSQL no statement takes longer than `statement_timeout`; 0 is without limit.
    A command may take its time, but nobody should have to wait behind it for long.
    """
    return pooled(database_url, 1, Limits(statement_timeout, lock_timeout))


def reason(error: SQLAlchemyError) -> str:
    """The driver's own words, which name the host and the fault, never the password."""
    return str(getattr(error, "orig", None) or error).strip().partition("\n")[0]


def redis_fault(url: str) -> str | None:
    """Why Redis does not answer, in words of ours, for those of some faults name the URL with its password."""
    # Needed only where there is one.
    from redis import Redis, RedisError

    redis = Redis.from_url(url, socket_connect_timeout=REDIS_TIMEOUT, socket_timeout=REDIS_TIMEOUT)
    try:
        redis.ping()
    except RedisError as error:
        return _of_redis(error)
    finally:
        redis.close()
    return None


def _of_redis(error: BaseException) -> str:
    from redis import exceptions

    said: tuple[tuple[type[BaseException], str], ...] = (
        (exceptions.AuthenticationError, "it does not accept this username and password"),
        (exceptions.NoPermissionError, "this user may not do what is asked: give it the command PING and all keys"),
        (exceptions.BusyLoadingError, "it is still loading its data"),
        (exceptions.InvalidResponse, "what answers there is not Redis"),
        (exceptions.TimeoutError, f"it gave no answer within {REDIS_TIMEOUT} s"),
    )
    words = next((words for kind, words in said if isinstance(error, kind)), None)
    if words is not None:
        return words
    # What the operating system said lies beneath.
    cause = error.__cause__ or error.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted: {cause.verify_message}"
    if isinstance(cause, ssl.SSLError):
        return "the TLS handshake failed"
    if isinstance(cause, socket.gaierror):
        return f"the host name cannot be resolved: {cause.strerror}"
    if isinstance(cause, OSError) and cause.strerror:
        return f"the connection failed: {cause.strerror}"
    return "the connection ended before a whole answer came"


def redis_setting(url: str, name: str) -> str | None:
    """One setting of Redis; None where a managed Redis tells none."""
    from redis import Redis, RedisError

    redis = Redis.from_url(url, socket_connect_timeout=REDIS_TIMEOUT, socket_timeout=REDIS_TIMEOUT)
    try:
        found = redis.config_get(name)
    except RedisError:
        return None
    finally:
        redis.close()
    return str(found.get(name)) if isinstance(found, dict) and name in found else None
