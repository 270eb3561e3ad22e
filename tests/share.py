"""What is tried in very many ways: a few of them in `make test`, the others in `make test-all`."""

from collections.abc import Iterable, Iterator
from typing import Literal, TypeVar

import pytest

T = TypeVar("T")
Share = Literal["a few", "the others"]
# With a prime each fault meets each place, were there only enough of both.
ONE_OF = 11
shared = pytest.mark.parametrize("share", ["a few", pytest.param("the others", marks=pytest.mark.slow)])


def taken(share: Share, ways: Iterable[T]) -> Iterator[T]:
    """Those that belong to this share; both together are all, each once."""
    return (way for number, way in enumerate(ways) if (number % ONE_OF == 0) == (share == "a few"))
