"""What a caller of the API, an administrator at a terminal, a person at a page and a provider do to act on a person."""

import json
from collections.abc import Callable
from typing import Any

from authserver.store.factors import totp
from tests.flows.browser import Landing
from tests.people.world import World
from tests.provider.people import Person
from tests.provider.running import go_through

NEW_PASSWORD = "Another-horse-77!"
Do = Callable[[World, str], Any]


def api(method: str, path: str = "", json: Any = None, *, status: int = 200) -> Do:
    """A call of the management API."""

    def do(world: World, username: str) -> None:
        answer = world.admin.change(method, username, path, json and {k: named(v, username) for k, v in json.items()})
        assert answer.status_code == status, answer.text

    return do


def command(*arguments: str, given: str = "") -> Do:
    """`authserver users`, where * is the person."""
    return lambda world, username: world.command(*(named(each, username) for each in arguments), given=given)


def named(value: Any, username: str) -> Any:
    return value.replace("*", username) if isinstance(value, str) else value


def page(place: str, **fields: str) -> Do:
    """The form of a page of the account area."""

    def do(world: World, username: str) -> None:
        browser, landing = world.browse(username, place)
        answer = browser.submit(landing, form=landing.page.form_with(fields), **fields)
        assert answer.status == 200, answer.text

    return do


def run(world: World, method: str, kind: str, username: str, path: str) -> None:
    """Of what runs, the first of a kind, ended by the API."""
    key = world.running(username)[kind][0]
    assert world.admin.call(method, f"/users/{world.admin.provider.people[username]}/{path}/{key}").status_code == 204


def run_all(world: World, username: str, path: str) -> None:
    """All that runs of a kind, ended by the API."""
    assert world.admin.call("DELETE", f"/users/{world.admin.provider.people[username]}/{path}").status_code == 204


def session_by_page(world: World, username: str) -> None:
    sid = world.running(username)["sessions"][0]
    browser, landing = world.browse(username, "sessions")
    browser.submit(landing, form=landing.page.forms[-1], end=sid)


def others_by_page(world: World, username: str) -> None:
    browser, landing = world.browse(username, "sessions")
    browser.submit(landing, form=landing.page.forms[-1], end="others")


def by_provider(world: World, username: str) -> None:
    token = world.journey.upstream.logout_token(sub=username)
    assert (
        world.admin.provider.call(
            "POST", "/federation/example/backchannel-logout", data={"logout_token": token}
        ).status_code
        == 200
    )


def with_app(world: World, username: str) -> None:
    """Give the person an authenticator app, behind their back."""
    site = world.journey.site
    with site.database.write() as connection:
        totp.add(connection, site.people[username], "Phone", f"SECRET{username}", b"", 1, site.clock.now)


def withdraw(world: World, username: str) -> None:
    browser, landing = world.browse(username, "applications")
    browser.submit(landing, form=landing.page.forms[-1], client_id="portal")


def withdraw_scope(world: World, username: str) -> None:
    browser, landing = world.browse(username, "applications")
    browser.submit(landing, form=landing.page.forms[-1], client_id="portal", scope="offline_access")


def address_by_page(world: World, username: str) -> None:
    browser, landing = world.browse(username, "email")
    code_page = browser.submit(landing, form=landing.page.form_with({"email": ""}), email=f"{username}@new.example")
    code = world.mailed(r"^ *(\d{6})\s*$")
    assert browser.submit(code_page, form=code_page.page.form_with({"code": ""}), code=code).status == 200


def reset(world: World, username: str) -> None:
    browser = world.journey.site.browser()
    browser.submit(browser.open("/forgot"), username=username)
    landing = browser.open(world.mailed(r"(/reset\?token=\S+)"))
    assert browser.submit(landing, password=NEW_PASSWORD).heading != landing.heading


def through(world: World, subject: str) -> Landing:
    """Come by the provider, in a browser that is not known."""
    world.journey.browser = world.journey.site.browser()
    return world.journey.through(world.journey.browser.open("/sign-in?to=account"), subject)


def renamed(world: World, username: str) -> None:
    world.journey.upstream.people[username].claims["name"] = "New Name"
    assert through(world, username).heading == "Your account"


def owner_by_provider(world: World, username: str) -> None:
    said = {"email": f"{username}@example.com", "email_verified": True}
    world.journey.upstream.people[f"{username}-owner"] = Person("Owner", said)
    assert through(world, f"{username}-owner").heading == "Your account"


def unlink(world: World, username: str) -> None:
    browser, landing = world.browse(username, "linked")
    browser.submit(landing, form=landing.page.forms[-1], remove=f"example {username}")


def linked_id(world: World, username: str) -> str:
    """The id of the person's one linked sign-in."""
    sub = world.admin.provider.people[username]
    (found,) = world.admin.get(f"/users/{sub}/identities")["items"]
    return str(found["id"])


def unlink_by_api(world: World, username: str) -> None:
    path = f"/users/{world.admin.provider.people[username]}/identities/{linked_id(world, username)}"
    assert world.admin.call("DELETE", path).status_code == 204


def unlink_by_command(world: World, username: str) -> None:
    world.command("linked", username, "--remove", linked_id(world, username))


def link(world: World, username: str) -> None:
    world.journey.upstream.people[f"{username}-too"] = Person("Too", {"name": "Too"})
    browser, landing = world.browse(username, "linked")
    sent = browser.submit(landing, form=landing.page.forms[-1], add="example")
    at, _, url = sent.headers["Refresh"].partition("; url=")
    assert at == "0"
    assert browser.open(go_through(url, f"{username}-too")).heading == "Linked sign-ins"


def sign_out(world: World, username: str) -> None:
    browser, _ = world.browse(username, "account")
    home = browser.open("/")
    browser.submit(home, form=next(form for form in home.page.forms if "Sign out" in form.buttons))


def sign_out_by_client(world: World, username: str) -> None:
    browser, _ = world.browse(username, "account")
    attempt = world.journey.portal.ask(scope="openid")
    tokens = world.journey.portal.finish(attempt, browser.open(attempt.url))
    browser.open(f"/end_session?id_token_hint={tokens.id_token}")


def signed_up(world: World, username: str) -> None:
    browser = world.journey.site.browser()
    landing = browser.open("/sign-up")
    form = landing.page.form_with({"email": ""})
    page = browser.submit(landing, form=form, email=f"{username}@example.com", name="Twin", password=NEW_PASSWORD)
    code = world.mailed(r"^ *(\d{6})\s*$")
    assert browser.submit(page, form=page.page.form_with({"code": ""}), code=code).status == 200


def invited(world: World, username: str) -> None:
    link = world.command("invite", f"{username}@example.com", "--role", "user", "--link")
    browser = world.journey.site.browser()
    landing = browser.open(link)
    assert browser.submit(landing, name="Twin", password=NEW_PASSWORD).status == 200


def came(world: World, username: str) -> None:
    claims = {"email": f"{username}@example.com", "email_verified": True, "name": "Twin"}
    world.journey.upstream.people[username] = Person("Twin", claims)
    assert through(world, username).heading == "Your account"


def added_by_api(world: World, username: str) -> None:
    new = {"username": username, "email": f"{username}@example.com", "email_verified": True, "name": "Twin"}
    assert world.admin.call("POST", "/users", new).status_code == 201


def imported(world: World, username: str) -> None:
    line = {"username": username, "email": f"{username}@example.com", "email_verified": True, "name": "Twin"}
    world.command("import", "-", given=json.dumps(line))
