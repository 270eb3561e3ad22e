"""What people and programs do all day, and what they get for it while something breaks."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import cycle
from threading import Event
from types import TracebackType

import httpx
import jwt

from tests.cluster.site import Site, code_of
from tests.patience import eventually

# Seconds between two requests of each: they are on the same machine as all the servers.
PACE = 0.05
GOOD = {
    "authorize": "303",
    **dict.fromkeys(("redeem", "refresh", "client credentials", "introspect", "userinfo"), "200"),
}


class Load:
    """People who sign in and refresh, services that take tokens and ask about them: at these addresses, in turn.

    They do as clients should: 503 and an answer that was lost are tried again, and nothing else is.
    """

    def __init__(self, sites: Sequence[Site], cookie: str) -> None:
        self._sites, self._cookie = cycle(sites), cookie
        self._over = Event()
        self._service_token = ""
        # By kind and status; `none` is no answer at all.
        self.answers: Counter[tuple[str, str]] = Counter()
        # What must not happen: what somebody was given is worth nothing, or a code is worth something twice.
        self.lost: list[str] = []
        self.twice: list[str] = []
        # Access tokens that were not taken. Only the revocation of a key may do that.
        self.refused: list[str] = []
        # The keys that signed.
        self.kids: set[str] = set()

    def __enter__(self) -> "Load":
        work = (
            self._redeeming(),
            self._refreshing(),
            self._refreshing(),
            self._serving(),
            self._introspecting(),
            self._asking_who(),
        )
        self._pool = ThreadPoolExecutor(len(work))
        self._running: list[Future[None]] = [self._pool.submit(self._at_a_pace, each) for each in work]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._over.set()
        self._pool.shutdown()
        if kind is None:
            self._raise_what_ended()

    def go_on(self, times: int = 8) -> None:
        """Wait until everyone has got what they want so many times more."""
        before = Counter(self.answers)

        def all_got_it() -> bool:
            self._raise_what_ended()
            return all(self.answers[each] - before[each] >= times for each in GOOD.items())

        eventually(all_got_it)

    def harm(self) -> dict[str, int]:
        """What must not happen, whatever breaks."""
        failed = sum(n for (_, status), n in self.answers.items() if status.startswith("5") and status != "503")
        return {"5xx but 503": failed, "lost": len(self.lost), "twice": len(self.twice)}

    def report(self) -> str:
        """What they got, by kind, and what must not happen."""
        lines = []
        for kind in sorted({kind for kind, _ in self.answers}):
            got = [f"{status}: {n}" for (of, status), n in sorted(self.answers.items()) if of == kind]
            lines.append(f"  {kind:<18} {', '.join(got)}")
        counts = self.harm() | {"access tokens refused": len(self.refused)}
        return "\n".join([*lines, f"  {', '.join(f'{name}: {n}' for name, n in counts.items())}"])

    def _raise_what_ended(self) -> None:
        for each in self._running:
            if each.done():
                each.result()

    def _at_a_pace(self, steps: Iterator[None]) -> None:
        for _ in steps:
            if self._over.wait(PACE):
                return

    def _ask(self, kind: str, request: Callable[[Site], httpx.Response]) -> httpx.Response | None:
        """The answer, which was counted; None where there is none, or one that asks to try again."""
        try:
            answer = request(next(self._sites))
        except httpx.TransportError:
            self.answers[kind, "none"] += 1
            return None
        self.answers[kind, str(answer.status_code)] += 1
        return None if answer.status_code == 503 else answer

    def _code(self) -> str | None:
        answer = self._ask("authorize", partial(Site.authorize, cookie=self._cookie))
        if answer is None:
            return None
        try:
            return code_of(answer)
        except KeyError:
            self.lost.append(f"session: {answer.status_code} {answer.headers.get('Location')}")
            return None

    def _signed_in(self) -> dict[str, str] | None:
        code = self._code()
        # An answer that was lost may have spent the code: clients begin anew.
        answer = self._ask("redeem", partial(Site.redeem, code=code)) if code else None
        return answer.json() if answer is not None and answer.is_success else None

    def _redeeming(self) -> Iterator[None]:
        """Each code is redeemed by two at a time, and then once more."""
        while True:
            if code := self._code():
                with ThreadPoolExecutor(2) as pool:
                    both = [pool.submit(self._ask, "redeem", partial(Site.redeem, code=code)) for _ in range(2)]
                answers = [*(each.result() for each in both), self._ask("redeem", partial(Site.redeem, code=code))]
                good = [answer for answer in answers if answer is not None and answer.is_success]
                if len(good) > 1:
                    self.twice.append(code)
            yield

    def _refreshing(self) -> Iterator[None]:
        while True:
            tokens = self._signed_in()
            yield
            while tokens is not None:
                held = tokens["refresh_token"]
                answer = self._ask("refresh", partial(Site.refresh, refresh_token=held))
                if answer is not None and answer.is_success:
                    tokens = answer.json()
                elif answer is not None and answer.status_code == 400:
                    self.lost.append(f"refresh token: {answer.status_code} {answer.text}")
                    tokens = None
                yield

    def _serving(self) -> Iterator[None]:
        while True:
            answer = self._ask("client credentials", Site.service_token)
            if answer is not None and answer.is_success:
                self._service_token = answer.json()["access_token"]
                self.kids.add(jwt.get_unverified_header(self._service_token)["kid"])
            yield

    def _introspecting(self) -> Iterator[None]:
        while True:
            if token := self._service_token:
                answer = self._ask("introspect", partial(Site.introspect, token=token))
                if answer is not None and answer.is_success and not answer.json()["active"]:
                    self.refused.append("introspect")
            yield

    def _asking_who(self) -> Iterator[None]:
        while True:
            tokens = self._signed_in()
            yield
            while tokens is not None:
                held = tokens["access_token"]
                answer = self._ask("userinfo", partial(Site.userinfo, token=held))
                if answer is not None and answer.status_code == 401:
                    self.refused.append("userinfo")
                    tokens = None
                yield
