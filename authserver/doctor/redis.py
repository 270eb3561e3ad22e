"""Whether Redis answers, and keeps what it is given."""

from typing import Any

from authserver.doctor.diagnosis import Diagnoses, fault, ok, warning
from authserver.store.engine import alone


def redis(url: str | None, workers: int) -> Diagnoses:
    """Without Redis each worker counts for itself."""
    if url is None:
        if workers > 1:
            yield warning(
                "redis", f"{workers} workers count failed sign-ins each for itself", "set AUTHSERVER_REDIS_URL"
            )
        return
    if (why := alone.redis_fault(url)) is not None:
        yield fault("redis", f"it does not answer: {why}", "start it, or mend AUTHSERVER_REDIS_URL")
        return
    policy: Any = alone.redis_setting(url, "maxmemory-policy")
    if policy not in {None, "noeviction"} and not str(policy).startswith("volatile-"):
        yield warning(
            "redis",
            f"maxmemory-policy is {policy}",
            "set it to noeviction or volatile-ttl, so that no limit is forgotten early",
        )
    else:
        yield ok("redis", "it answers")
