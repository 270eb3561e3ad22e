"""The API leaves somebody who may do everything."""

from typing import Any

import pytest

from tests.flows.databases import on_both
from tests.flows.provider import Provider
from tests.management.api import Api


@on_both
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("PUT", "/roles", {"roles": ["user"]}), ("PATCH", "", {"disabled": True}), ("DELETE", "", None)],
)
def test_the_last_administrator_stays_until_there_is_another(
    provider: Provider, admin: Api, method: str, path: str, body: Any
) -> None:
    refused = admin.change(method, "root", path, body)
    assert (refused.status_code, refused.get_json()["error"]) == (409, "conflict")
    assert refused.get_json()["detail"].startswith("Nobody else has full access here.")
    assert admin.person("root")[0]["roles"] == ["admin"]
    provider.give_roles("ada", "admin")
    assert admin.change(method, "root", path, body).status_code in {200, 204}
