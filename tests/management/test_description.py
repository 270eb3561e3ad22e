"""The description of the management API, and the server held to it by Schemathesis."""

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
)

from authserver.protocol import management
from tests.flows.provider import Provider
from tests.management.api import Api

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]


def description(provider: Provider) -> dict[str, Any]:
    answer = provider.call("GET", "/api/v1/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def test_every_operation_names_its_permission_and_every_permission_has_one(provider: Provider) -> None:
    operations = [each for methods in description(provider)["paths"].values() for each in methods.values()]
    assert len({each["operationId"] for each in operations}) == len(operations)
    needed = {permission for each in operations for permission in each["security"][0]["bearer"]}
    assert needed == set(management.PERMISSIONS)


def test_it_names_the_address_and_refers_to_nothing_that_is_missing(provider: Provider) -> None:
    found = description(provider)
    assert found["servers"] == [{"url": f"{provider.issuer}/api/v1"}]
    references = {part.split('"')[0] for part in json.dumps(found).split('"#/components/schemas/')[1:]}
    assert references <= set(found["components"]["schemas"])


@pytest.mark.slow
def test_the_server_keeps_to_it_whatever_is_sent(provider: Provider, admin: Api) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", provider.app)
    calls = 0

    for found in schema.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]  # the description has no faults
        strategy = operation.as_strategy()

        @settings(max_examples=25, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
        @given(case=strategy)
        def one(case: Any) -> None:
            nonlocal calls
            calls += 1
            answer = case.call(headers={"Authorization": f"Bearer {admin.token}"})
            case.validate_response(answer, checks=CHECKS)

        one()
    assert calls > 200
