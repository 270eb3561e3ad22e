"""The word to clients that a session is over, put down with its end: `logout` delivers it (Back-Channel Logout 1.0).

https://openid.net/specs/openid-connect-backchannel-1_0.html
"""

from collections.abc import Iterable

from authserver import outbox
from authserver.people.change import Change
from authserver.store import expired_sessions
from authserver.store.allowed import participants
from authserver.store.allowed.participants import Participant

# The name of the jobs that these words are.
JOB = "backchannel_logout"


def tell_clients(change: Change, took_part: Iterable[Participant]) -> None:
    """Have each of these clients told that its session is over, if it wants to hear of that."""
    for each in sorted(took_part):
        if change.listens(each.client_id):
            outbox.put(
                change.connection,
                change.post.master(),
                JOB,
                {"sub": each.sub, "sid": each.sid},
                change.now,
                destination=each.client_id,
                about={"client_id": each.client_id},
            )


def end_expired(change: Change, limit: int) -> bool:
    """End up to `limit` sessions whose time is over, and have their clients told; whether there may be more."""
    ended, is_more = expired_sessions.end_some(change.connection, change.now, limit)
    for sid, sub in ended.items():
        tell_clients(change, participants.of_sessions(change.connection, sub, (sid,)))
    return is_more
