"""The server, the example resource server and an example application around a real browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.context import new_context
from tests.examples.served import PASSWORD, served

# Three, since nobody may sign in more than five times a minute.
PEOPLE = {"ada": "user", "alan": "user", "grace": "admin"}
CLIENTS = """
apis:
  reports:
    audience: http://localhost:{api}/reports
    permissions: {{"read:reports": Read reports, "write:reports": Write reports, "delete:reports": Delete reports}}
  users:
    audience: http://localhost:{api}/users
    permissions: {{"read:users": See people}}
roles: {{user: ["read:reports", "write:reports"], admin: ["admin:all"]}}
clients:
  - client_id: dashboard
    name: Dashboard
    type: spa
    redirect_uris: ["http://localhost:{application}/callback"]
    post_logout_redirect_uris: ["http://localhost:{application}/"]
    apis: [reports]
    consent: never
  - client_id: portal
    name: Team portal
    type: web
    secrets: [{{sha256: "{digest}"}}]
    redirect_uris: ["http://localhost:{application}/callback"]
    post_logout_redirect_uris: ["http://localhost:{application}/"]
    apis: [reports, users]
    consent: never
"""


@contextmanager
def issuing(folder: Path, ports: list[int], digest: str = "0" * 64) -> Iterator[str]:
    """The issuer; the ports are the server's, the application's and the API's."""
    server, application, api = ports
    clients = CLIENTS.format(application=application, api=api, digest=digest)
    with served(folder, server, clients, PEOPLE) as issuer:
        yield issuer


@contextmanager
def opened(chromium: Browser, complaints: list[str]) -> Iterator[Page]:
    """A new page; the errors that the browser tells, a breach of a content security policy too, are kept."""
    with new_context(chromium) as context:
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page


def sign_in(page: Page, username: str) -> None:
    """Fill the server's form, as it is shown after `Sign in` was pressed at the application."""
    page.get_by_label("Username or email").fill(username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("status")).to_have_text(f"Signed in as {username.title()}")


def answer(page: Page, button: str) -> str:
    """The status that the resource server answers to a button."""
    page.locator("#answer").evaluate("element => element.textContent = ''")
    page.get_by_role("button", name=button).click()
    expect(page.locator("#answer")).not_to_be_empty()
    return page.locator("#answer").inner_text()[:3]
