"""An issuer that sends an answer without end, a byte now and then, is given up as soon as one that is silent."""

import pytest

from authserver.guard.issuer import fetch
from authserver.guard.issuer.fetch import FetchError, fetch_json
from tests.dripping import DRIPPING, dripping


@pytest.mark.parametrize("part", DRIPPING)
def test_who_drips_is_given_up_as_soon_as_who_is_silent(monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    monkeypatch.setattr(fetch, "TIMEOUT_SECONDS", 0.3)
    monkeypatch.delenv("https_proxy", raising=False)
    with dripping(part) as (issuer, waited_for_all):
        with pytest.raises(FetchError, match="took longer"):
            fetch_json(f"{issuer}/jwks.json")
        assert not waited_for_all.is_set()
