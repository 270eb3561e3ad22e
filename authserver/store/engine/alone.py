"""Storage for a command, which no application opens: the database, whether Redis answers, what went wrong in words."""

from sqlalchemy.exc import SQLAlchemyError

from authserver.store.database import Database, pooled
from authserver.store.engine.limits import Limits

# In seconds.
REDIS_TIMEOUT = 1


def open_database(database_url: str, lock_timeout: float) -> Database:
    """The database at this URL, by one connection, on which locks are waited for so many seconds.

    A command may take its time, but nobody should have to wait behind it for long.
    """
    return pooled(database_url, 1, Limits(lock=lock_timeout))


def reason(error: SQLAlchemyError) -> str:
    """The driver's own words, which name the host and the fault, never the password."""
    return str(getattr(error, "orig", None) or error).strip().partition("\n")[0]


def redis_fault(url: str) -> str | None:
    """The kind of fault where Redis does not answer; the words of some name the URL with its password."""
    # Needed only where there is one.
    from redis import Redis, RedisError

    redis = Redis.from_url(url, socket_connect_timeout=REDIS_TIMEOUT, socket_timeout=REDIS_TIMEOUT)
    try:
        redis.ping()
    except RedisError as error:
        return type(error).__name__
    finally:
        redis.close()
    return None


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
