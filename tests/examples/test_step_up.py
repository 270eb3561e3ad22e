"""The demonstration asks for a second factor before it deletes anybody: API, portal, and server (RFC 9470)."""

import sys
import time
from collections.abc import Iterator

import pytest
from pyotp import TOTP

from tests.examples.demonstration import Demonstration
from tests.examples.visitor import Visitor
from tests.ports import free_ports

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
SET_UP = "You need another factor"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    demo = Demonstration(tmp_path_factory.mktemp("demo") / "demo", free_ports(5))
    demo.wait_for("Ctrl-C stops everything.")
    yield demo
    demo.stop()


def signed_in(demo: Demonstration, username: str) -> Visitor:
    visitor = Visitor()
    visitor.open(f"{demo.portal}/sign-in")
    visitor.press("Sign in", username=username, password=demo.passwords[username])
    if "Allow" in visitor.page.heading:
        visitor.press("Allow")
    assert visitor.page.heading.startswith("Signed in as"), visitor.page.words
    return visitor


def delete_user(visitor: Visitor) -> None:
    """Press the button, and allow what the portal did not ask for before."""
    visitor.press("Delete user")
    if "Allow" in visitor.page.heading:
        visitor.press("Allow")


def set_up_an_app(visitor: Visitor) -> str:
    """Add one where the server asks for it; returns its secret."""
    visitor.follow("Add an authenticator app")
    secret = visitor.page.links["open it in your app"].partition("secret=")[2].partition("&")[0]
    visitor.press("Add", code=TOTP(secret).generate_otp(int(time.time()) // 30))
    assert visitor.page.heading == "Your recovery codes", visitor.page.words
    visitor.follow("I’ve kept them")
    return secret


def test_who_may_delete_is_led_to_a_second_factor_and_the_button_works_afterwards(demo: Demonstration) -> None:
    visitor = signed_in(demo, "admin")
    visitor.press("Add user")
    delete_user(visitor)
    assert visitor.page.heading == SET_UP
    visitor.press("Go back to Team portal")
    assert "That needs a stronger sign-in, so nothing was done." in visitor.page.words
    # Nobody is kept out of the rest.
    visitor.press("List users")
    assert "200 OK List users" in visitor.page.words

    delete_user(visitor)
    secret = set_up_an_app(visitor)
    assert "200 OK Delete user" in visitor.page.words, visitor.page.words
    assert "acr silver" in visitor.page.words

    # Who has one already is asked for it at the sign-in, and never again.
    again = Visitor()
    again.open(f"{demo.portal}/sign-in")
    again.press("Sign in", username="admin", password=demo.passwords["admin"])
    # The code of the next half minute, since each counts once.
    again.press("Confirm", code=TOTP(secret).generate_otp(int(time.time()) // 30 + 1))
    again.press("Add user")
    delete_user(again)
    assert "200 OK Delete user" in again.page.words, again.page.words


def test_who_may_not_delete_is_not_asked_for_a_second_factor(demo: Demonstration) -> None:
    visitor = signed_in(demo, "moderator")
    delete_user(visitor)
    assert "403 Forbidden Delete user" in visitor.page.words, visitor.page.words
