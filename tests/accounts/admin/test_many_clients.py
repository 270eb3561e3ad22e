"""The pages for administrators where there are very many clients: none makes all of them, or names them all."""

import pytest

from tests.accounts.admin.conftest import CLIENTS, peopled, signed_in
from tests.accounts.admin.steps import PLACES, act, at, find
from tests.accounts.conftest import MakeSite
from tests.accounts.site import Site

MANY = 500
# The page that shows the most of them.
SHOWN = 200


@pytest.fixture
def site(make_site: MakeSite, made_clients: list[str]) -> Site:
    entries = "".join(
        f"  - {{client_id: shop-{number:03}, name: Shop, type: spa, apis: [reports], allow: {{roles: [auditor]}}, "
        f"subject_type: pairwise, redirect_uris: ['https://shop{number}.example.com/callback']}}\n"
        for number in range(MANY)
    )
    site = peopled(make_site(CLIENTS + entries))
    made_clients.clear()
    return site


def test_no_page_makes_more_of_them_than_it_shows(site: Site, made_clients: list[str]) -> None:
    root = signed_in(site, "root")
    pages = [*(at(site, place) for place in PLACES), "/admin/roles/auditor"]
    most = {}
    for page in pages:
        before = len(made_clients)
        assert root.get(page).status_code == 200, page
        most[page] = len(made_clients) - before
    assert {page: number for page, number in most.items() if number > SHOWN} == {}
    assert len(made_clients) <= SHOWN + 1


def test_no_act_on_a_person_makes_them(site: Site, made_clients: list[str]) -> None:
    # Who may do everything is asked for nothing: a moderator is held against what each name opens.
    assert act(signed_in(site, "mod"), find(site, "ada"), "roles", role=["user", "looker"]).status_code == 303
    refused = act(signed_in(site, "mod"), find(site, "ada"), "roles", role=["user", "auditor"])
    assert (refused.status_code, find(site, "ada").roles) == (403, ("looker", "user"))
    assert [name for name in made_clients if name.startswith("shop-")] == []


def test_of_those_that_a_role_opens_the_first_are_named_and_the_others_counted(site: Site) -> None:
    root = signed_in(site, "root")
    for page in ("/admin/roles", "/admin/roles/auditor"):
        text = root.get(page).text
        assert "shop-000, shop-001, " in text
        assert "shop-019 and 480 more<" in text
        assert "shop-020" not in text
    # What goes without the role, too.
    assert "sign-in to shop-000, shop-001, " in root.get("/admin/roles/auditor").text
