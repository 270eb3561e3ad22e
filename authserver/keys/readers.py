"""Who fetches the JWKS: noted in memory, written down together every half minute.

The JWKS is given away tens of thousands of times a second, so that nothing here may cost a request more than a look
into a dictionary. What programs say of themselves is any text at all: it is kept as ASCII, short, in bounded numbers.
"""

from collections import Counter
from collections.abc import Iterable
from threading import Lock
from typing import NamedTuple
from urllib.parse import parse_qs

from authserver.keys.life import SETTLING
from authserver.people_settings import DAY
from authserver.store import jwks_readers
from authserver.store.database import Database
from authserver.store.jwks_readers import JwksReader
from authserver.store.keys import SigningKey

# Who comes again within so many seconds, for the same JWKS, is not noted again.
AGAIN = 300
# Of this process, and of one network in one turn.
MOST, MOST_OF_NETWORK = 1000, 16
# Who has not come for so long before a key was published is waited for no longer.
COMES_AGAIN = 7 * DAY
LONGEST = 200


class Seen(NamedTuple):
    """A request as it came, with the entity tag of the JWKS that it is answered with."""

    etag: str
    peer: str
    forwarded_for: str
    user_agent: str
    query: str


class JwksReaders:
    """Collects them until `flush`. Safe for threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: dict[Seen, int] = {}
        self._waiting: dict[tuple[str, str, str], JwksReader] = {}
        self._networks: Counter[str] = Counter()
        self._lock = Lock()

    def knows(self, seen: Seen) -> bool:
        """Whether this was noted a moment ago."""
        return seen in self._seen

    def note(self, seen: Seen, address: str, network: str, now: int) -> None:
        """Note it. Of what one network sends in one turn, only so much is."""
        with self._lock:
            if len(self._seen) >= MOST:
                del self._seen[next(iter(self._seen))]
            self._seen[seen] = now
            name = address, _plain(seen.user_agent), _hint(seen.query)
            if name in self._waiting or len(self._waiting) >= MOST or self._networks[network] >= MOST_OF_NETWORK:
                return
            self._networks[network] += 1
            self._waiting[name] = JwksReader(*name, now, now)

    def flush(self, now: int) -> None:
        """Write down who came since the last time."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
            self._networks.clear()
            self._seen = {seen: at for seen, at in self._seen.items() if now - AGAIN < at <= now}
        if not waiting:
            return
        try:
            with self._database.write() as connection:
                jwks_readers.note(connection, waiting.values())
        except Exception:
            # They are noted anew when they come again.
            self._seen = {}
            raise


def has(reader: JwksReader, key: SigningKey) -> bool:
    """Whether it has fetched the JWKS since every node publishes this key in it."""
    return reader.last_at >= key.created_at + SETTLING


def is_behind(reader: JwksReader, key: SigningKey) -> bool:
    """Whether it is an API that lacks this key, as far as is known."""
    return reader.is_regular and not has(reader, key) and reader.last_at > key.created_at - COMES_AGAIN


def newest(keys: Iterable[SigningKey]) -> SigningKey | None:
    """The key that was published last, of those that are not revoked."""
    return max((key for key in keys if key.revoked_at is None), key=lambda key: key.created_at, default=None)


def _hint(query: str) -> str:
    """What `?rs=` says, by which a resource server names itself."""
    try:
        return _plain(parse_qs(query, max_num_fields=8).get("rs", [""])[0])
    except ValueError:
        return ""


def _plain(text: str) -> str:
    # Nobody's terminal or page is to obey it.
    return "".join(each if " " <= each <= "~" else "?" for each in text[:LONGEST])
