"""A person's authenticator app, and what they do with it."""

import re
from dataclasses import dataclass

from pyotp import TOTP

from tests.accounts.post import answer_recoveries
from tests.flows.browser import Browser, Landing
from tests.flows.provider import Provider
from tests.mail.post import queued

ASKED = "Confirm with a second factor"
PERIOD = 30


@dataclass
class Phone:
    """An app with one secret, and the codes that were kept with it."""

    provider: Provider
    secret: str
    recovery_codes: list[str]

    def code(self, steps: int = 0) -> str:
        """The code of now, or of so many steps later."""
        return TOTP(self.secret).generate_otp(self.provider.clock.now // PERIOD + steps)

    def tells_steps_apart(self) -> bool:
        """Whether no two steps of this test have the same code: of six digits, some do by chance."""
        codes = [self.code(steps) for steps in range(-3, 20)]
        return len(set(codes)) == len(codes)

    def wrong_code(self) -> str:
        """A code of no step that a clock could be off by."""
        near = {self.code(steps) for steps in range(-3, 4)}
        return next(code for code in (str(digit) * 6 for digit in range(10)) if code not in near)

    def next_code(self) -> str:
        """A code that was not used yet: time goes on for it."""
        self.provider.clock.pass_(PERIOD)
        return self.code()


def set_up(provider: Provider, browser: Browser, username: str = "ada", name: str = "") -> Phone:
    """Sign in freshly, add an app, and keep the codes."""
    landing = browser.open("/account/factors/app")
    if landing.heading in {"Sign in", "Confirm it’s you"}:
        browser.sign_in(landing, username)
        landing = browser.open("/account/factors/app")
    assert landing.heading == "Add an authenticator app", landing.heading
    phone = Phone(provider, secret_of(landing), [])
    while not phone.tells_steps_apart():
        landing = browser.open("/account/factors/app")
        phone = Phone(provider, secret_of(landing), [])
    done = browser.submit(landing, code=phone.code(), name=name)
    phone.recovery_codes = codes_of(done)
    return phone


def secret_of(landing: Landing) -> str:
    """The key that the page shows for typing."""
    uri = landing.page.links["open it in your app"]
    return uri.partition("secret=")[2].partition("&")[0]


def codes_of(landing: Landing) -> list[str]:
    """The recovery codes of a page."""
    return [word for word in landing.page.words.split() if len(word) == 19 and word.count("-") == 3]


def with_phone(provider: Provider, username: str = "ada") -> Phone:
    """A person who has an app from now on; the browser that set it up is gone."""
    phone = set_up(provider, provider.browser("192.0.2.9"), username)
    provider.clock.pass_(PERIOD)
    return phone


def halfway(browser: Browser, landing: Landing, username: str = "ada") -> Landing:
    """Enter the password, as far as the page for the second factor."""
    asked = browser.sign_in(landing, username)
    assert asked.heading == ASKED, asked.heading
    return asked


def letters(provider: Provider) -> list[str]:
    return [each.kind for each in queued(provider.database, provider.app.server.master)]


def sign_out(browser: Browser) -> None:
    home = browser.open("/")
    browser.submit(home, form=next(form for form in home.page.forms if "Sign out" in form.buttons))


def reset_password(provider: Provider, browser: Browser) -> None:
    sign_out(browser)
    browser.submit(browser.open("/forgot"), username="ada")
    answer_recoveries(provider.app.server)
    text = queued(provider.database, provider.app.server.master)[-1].text
    found = re.search(r"(/reset\?token=\S+)", text)
    assert found
    landing = browser.open(found[1])
    assert browser.submit(landing, password="Another-horse-77!").status == 200
