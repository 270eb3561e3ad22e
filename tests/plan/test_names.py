"""Names of people that nobody asked for are not kept, however many people there are."""

import tracemalloc
from dataclasses import replace
from pathlib import Path

from authserver.clients.registration.fit import fit_of
from authserver.plan.factors import factors
from authserver.plan.plan import plan
from authserver.store.database import Database
from authserver.store.holdings import Holding
from tests.plan.files import IN_FORCE, NOW, changed, loaded
from tests.plan.test_plan import people

__all__ = ["people"]
FACTOR = "acr: {high: {any: [passkey, [pwd, otp]]}}\nsecond_factor: {required_from: 2026-01-01}\n"


def test_a_million_people_are_counted_without_being_kept(tmp_path: Path) -> None:
    before = loaded(tmp_path, IN_FORCE).registry
    after = loaded(tmp_path, IN_FORCE + "second_factor: {required_from: 2026-01-01}\n").registry
    everybody = (Holding(f"person-{number}", "", "") for number in range(100_000))
    tracemalloc.start()
    (told,) = factors(everybody, before, after, NOW, with_names=False)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (told.people, told.who) == (100_000, ())
    assert peak < 1_000_000


def test_who_is_not_asked_for_is_counted_all_the_same(people: Database, tmp_path: Path) -> None:
    apis = "    apis: [reports, users]"
    pairs = [(apis, f"{apis}\n    provider: github\n    require_acr: high"), ("providers:", f"{FACTOR}providers:")]
    before, after = loaded(tmp_path, IN_FORCE), loaded(tmp_path, changed(*pairs))
    with people.read() as connection:
        named, counted = (
            plan(connection, before.registry, after.registry, NOW + 1, fit_of, with_names=each)
            for each in (True, False)
        )
    assert [replace(each, who=()) for each in named.consequences] == list(counted.consequences)
    assert [len(each.who) for each in named.consequences] == [each.people or 0 for each in counted.consequences]
    assert [each.people for each in counted.consequences] == [1, 2, 2]
