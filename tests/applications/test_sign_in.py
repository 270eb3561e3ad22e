"""A person signs in to applications that are set up by the very lines of the document."""

from pathlib import Path

import httpx
import pytest

from tests.applications.conftest import PROGRAMS, Start
from tests.flows.browser import Browser
from tests.flows.served import Served

pytestmark = pytest.mark.slow
SYNAPSE = "/_matrix/client/v3"


def test_jupyterhub_knows_the_person_and_that_they_are_an_admin(start: Start, browser: Browser) -> None:
    config = str(PROGRAMS / "jupyterhub_config.py")
    with start("JupyterHub", "jupyterhub", "-m", "jupyterhub", "-f", config) as hub:
        hub.sign_in("/hub/oauth_login", browser)
        person = hub.http.get(f"{hub.address}/hub/api/user", headers={"Referer": f"{hub.address}/hub/"}).json()
        assert (person["name"], person["admin"]) == ("ada", True)
        assert set(person["groups"]) == {"app-admin", "app-user"}


def test_pgadmin_finds_the_address_in_the_id_token(start: Start, browser: Browser) -> None:
    with start("pgAdmin", "pgadmin", str(PROGRAMS / "pgadmin.py"), "{port}") as site:
        person = site.sign_in("/login", browser).json()
    assert (person["email"], person["email_verified"], person["preferred_username"]) == ("ada@example.com", True, "ada")


def test_django_with_allauth_keys_the_account_by_sub(start: Start, browser: Browser, served: Served) -> None:
    with start("Django with allauth", "django", str(PROGRAMS / "django_site.py"), "{port}") as site:
        person = site.sign_in("/accounts/oidc/sso/login/", browser).json()
    assert person == {"sub": served.sub, "username": "ada", "email": "ada@example.com", "first_name": "Ada"}


def test_flask_appbuilder_gives_the_roles_that_superset_would(start: Start, browser: Browser) -> None:
    with start("Superset", "superset", str(PROGRAMS / "appbuilder.py"), "{port}") as site:
        site.sign_in("/login/sso", browser)
        person = site.http.get(f"{site.address}/whoami").json()
    assert (person["username"], person["email"]) == ("ada", "ada@example.com")
    assert person["roles"] == ["Admin", "Gamma"]


def test_mlflow_finds_address_and_groups_in_the_id_token(start: Start, browser: Browser) -> None:
    with start("MLflow", "mlflow", str(PROGRAMS / "mlflow.py"), "{port}") as site:
        person = site.sign_in("/login", browser).json()
    assert person == {"username": "ada@example.com", "name": "Ada Example", "may_enter": True, "is_admin": True}


def test_streamlit_finds_name_and_address_in_the_id_token(start: Start, browser: Browser) -> None:
    with start("Streamlit", "streamlit", str(PROGRAMS / "streamlit_site.py"), "{port}") as site:
        site.sign_in("/login", browser)
        person = site.http.get(f"{site.address}/whoami").json()
    assert person["is_logged_in"] is True
    assert (person["name"], person["email"], person["preferred_username"]) == ("Ada Example", "ada@example.com", "ada")


def test_synapse_makes_an_account_with_name_and_address(start: Start, browser: Browser, tmp_path: Path) -> None:
    with start("Synapse", "synapse", str(PROGRAMS / "homeserver.py"), "{port}") as matrix:
        back = f"{matrix.address}/_matrix/client/versions"
        landed = matrix.sign_in(f"{SYNAPSE}/login/sso/redirect/oidc-sso?redirectUrl={back}", browser)
        token = httpx.URL(str(landed.url)).params["loginToken"]
        given = {"type": "m.login.token", "token": token}
        account = matrix.http.post(f"{matrix.address}{SYNAPSE}/login", json=given).json()
        by = {"Authorization": f"Bearer {account['access_token']}"}
        profile = matrix.http.get(f"{matrix.address}{SYNAPSE}/profile/{account['user_id']}", headers=by).json()
        known = matrix.http.get(f"{matrix.address}{SYNAPSE}/account/3pid", headers=by).json()["threepids"]
    assert (account["user_id"], profile["displayname"]) == ("@ada:matrix.test", "Ada Example")
    assert [each["address"] for each in known] == ["ada@example.com"]
