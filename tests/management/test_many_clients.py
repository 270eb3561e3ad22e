"""The API for administrators where there are very many clients: no operation makes all of them."""

import pytest

from authserver.management.operations import OPERATIONS
from tests.flows.conftest import MakeProvider
from tests.flows.provider import Provider
from tests.management.api import DECLARED, signed_in

MANY = 300
# Those that a caller and the people here use, and a page of a list.
FEW = 110
ENTRY = (
    "  - {{client_id: shop-{0:03}, name: Shop, type: spa, apis: [reports], allow: {{roles: [user]}}, "
    "subject_type: pairwise, redirect_uris: ['https://shop{0}.example.com/callback']}}\n"
)


@pytest.fixture
def provider(make_provider: MakeProvider, made_clients: list[str]) -> Provider:
    provider = make_provider()
    many = "".join(ENTRY.format(number) for number in range(MANY))
    assert provider.declare(DECLARED.replace("\nclients:\n", f"\nclients:\n{many}", 1))
    made_clients.clear()
    return provider


def test_no_operation_that_reads_makes_more_than_a_page_of_them(provider: Provider, made_clients: list[str]) -> None:
    admin, most = signed_in(provider, "root"), dict[str, int]()
    samples = {"{sub}": provider.people["ada"], "{client_id}": "portal", "{picture_id}": "x"}
    for operation in OPERATIONS:
        if operation.method == "GET":
            path, before = operation.path, len(made_clients)
            for name, value in samples.items():
                path = path.replace(name, value)
            admin.call("GET", path + ("?client_id=portal" if "explain" in operation.name else ""))
            most[path] = len(made_clients) - before
    assert {path: number for path, number in most.items() if number > FEW} == {}
    assert len(made_clients) <= FEW


def test_looking_for_a_pairwise_sub_makes_none_and_still_finds_the_person(
    provider: Provider, made_clients: list[str]
) -> None:
    tokens = provider.client("shop-007").sign_in(provider.browser(), "ada", scope="openid")
    admin = signed_in(provider, "root")
    made_clients.clear()
    found = admin.get(f"/users?sub={tokens.id_claims['sub']}")["items"]
    assert [each["username"] for each in found] == ["ada"]
    assert admin.get("/users?sub=nobody")["items"] == []
    assert made_clients == []


def test_no_change_to_a_person_makes_them(provider: Provider, made_clients: list[str]) -> None:
    moderator = signed_in(provider, "mia")
    made_clients.clear()
    assert moderator.change("PUT", "gus", "/roles", {"roles": ["guest"]}).status_code == 200
    # A client lets this role in by its name, and they have it not.
    assert moderator.change("PUT", "gus", "/roles", {"roles": ["user"]}).status_code == 403
    assert made_clients == []
