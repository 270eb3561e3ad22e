"""A document is fetched once for many, kept while it is fresh, and asked for anew within bounds."""

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from authserver.outbound.cached import FIRST_PAUSE, LONGEST_PAUSE, RETRY_AFTER, STALE_LIMIT, CachedDocument
from authserver.outbound.fault import CallError
from tests.patience import PATIENCE

AGE = 600


class Owner:
    """Whose document it is: each answer has a number; it can be away, and it can be held up."""

    def __init__(self) -> None:
        self.now, self.count, self.is_away = 1000.0, 0, False
        self.is_asked, self.may_answer = threading.Event(), threading.Event()
        self.may_answer.set()
        self.document = CachedDocument(self.answer, AGE, lambda: self.now)

    def answer(self) -> Mapping[str, Any]:
        self.is_asked.set()
        assert self.may_answer.wait(PATIENCE)
        self.count += 1
        if self.is_away:
            raise CallError("away", is_away=True)
        return {"number": self.count}


@pytest.fixture
def owner() -> Owner:
    return Owner()


def test_a_document_is_fetched_when_it_is_needed_and_again_when_it_is_old(owner: Owner) -> None:
    assert [owner.document.get()["number"] for _ in range(3)] == [1, 1, 1]
    owner.now += AGE - 1
    assert owner.document.get() == {"number": 1}
    owner.now += 1
    assert owner.document.get() == {"number": 2}


def test_many_at_once_make_one_call(owner: Owner) -> None:
    owner.may_answer.clear()
    with ThreadPoolExecutor(8) as threads:
        all_of_them = [threads.submit(owner.document.get) for _ in range(8)]
        assert owner.is_asked.wait(PATIENCE)
        owner.may_answer.set()
        assert [each.result() for each in all_of_them] == [{"number": 1}] * 8


def test_a_stale_document_serves_while_its_owner_is_away_but_not_for_ever(owner: Owner) -> None:
    owner.document.get()
    owner.is_away = True
    owner.now += STALE_LIMIT - 1
    assert owner.document.get() == {"number": 1}
    owner.now += RETRY_AFTER
    with pytest.raises(CallError):
        owner.document.get()


def test_a_failure_keeps_others_from_waiting_for_the_same_one(owner: Owner) -> None:
    owner.is_away = True
    for _ in range(3):
        with pytest.raises(CallError) as error:
            owner.document.get()
        assert error.value.is_away
    assert owner.count == 1
    owner.now += RETRY_AFTER
    owner.is_away = False
    assert owner.document.get() == {"number": 2}


def test_what_is_not_in_it_makes_one_call_now_and_then(owner: Owner) -> None:
    first = owner.document.get()
    second = owner.document.anew(first)
    assert second == {"number": 2}
    assert owner.document.anew(second) is second
    assert owner.document.get() is second
    owner.now += FIRST_PAUSE
    assert owner.document.anew(second) == {"number": 3}


def test_whoever_asks_for_it_over_and_over_makes_ever_fewer_calls(owner: Owner) -> None:
    held, calls = owner.document.get(), []
    for second in range(0, 3 * LONGEST_PAUSE, FIRST_PAUSE):
        found = owner.document.anew(held)
        if found is not held:
            calls.append(second)
        held = found
        owner.now += FIRST_PAUSE
    assert calls == [0, 1, 3, 7, 15, 31, 61]
    owner.now += 2 * LONGEST_PAUSE
    anew = owner.document.anew(held)
    owner.now += FIRST_PAUSE
    assert owner.document.anew(anew) is not anew


def test_who_looks_for_a_new_key_while_another_fetches_it_gets_it_too(owner: Owner) -> None:
    seen = owner.document.get()
    owner.is_asked.clear()
    owner.may_answer.clear()
    with ThreadPoolExecutor(4) as threads:
        first = threads.submit(owner.document.anew, seen)
        assert owner.is_asked.wait(PATIENCE)
        others = [threads.submit(owner.document.anew, seen) for _ in range(3)]
        owner.may_answer.set()
        assert [each.result() for each in (first, *others)] == [{"number": 2}] * 4


def test_asking_anew_in_vain_leaves_what_is_held(owner: Owner) -> None:
    held = owner.document.get()
    owner.is_away = True
    with pytest.raises(CallError):
        owner.document.anew(held)
    assert owner.document.get() is held
