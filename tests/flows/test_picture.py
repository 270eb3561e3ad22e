"""The picture that a person uploaded, on its way to an application, and when many come at once."""

from sqlalchemy import select

from authserver import people
from authserver.store import users
from authserver.store.tables import pictures
from tests.flows.browser import Browser
from tests.flows.databases import on_both
from tests.flows.provider import Provider
from tests.flows.relying_party import RelyingParty
from tests.store.at_once import at_once


def upload(provider: Provider, content: bytes) -> bool:
    server = provider.app.server
    with provider.database.write() as connection:
        ada = users.get(connection, provider.people["ada"])
        assert ada is not None
        return people.set_picture(people.change_of(server, connection), ada, content, provider.issuer)


@on_both
def test_an_application_gets_its_address_at_userinfo(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    assert upload(provider, b"one")
    token = portal.sign_in(browser, scope="openid profile").access_token
    first = provider.userinfo(token).get_json()["picture"]
    assert provider.call("GET", first).data == b"one"
    assert upload(provider, b"two")
    second = provider.userinfo(token).get_json()["picture"]
    assert (provider.call("GET", first).status_code, provider.call("GET", second).data) == (404, b"two")


@on_both
def test_of_many_uploads_at_once_one_stays_and_its_address_is_the_one_that_is_said(provider: Provider) -> None:
    assert at_once(lambda number: upload(provider, str(number).encode()), 6) == [True] * 6
    with provider.database.read() as connection:
        ada = users.get(connection, provider.people["ada"])
        (row,) = connection.execute(select(pictures)).all()
    assert ada is not None
    assert ada.profile["picture"] == f"{provider.issuer}/picture/{row.handle}"
    assert provider.call("GET", ada.profile["picture"]).data == row.content


@on_both
def test_a_deletion_and_an_upload_at_once_leave_nothing_behind(provider: Provider) -> None:
    server, sub = provider.app.server, provider.people["ada"]

    def do(number: int) -> None:
        with provider.database.write() as connection:
            ada = users.get(connection, sub)
            if ada is None:
                return
            change = people.change_of(server, connection)
            if number:
                people.set_picture(change, ada, b"x", provider.issuer)
            else:
                people.delete(change, ada)

    at_once(do, 4)
    with provider.database.read() as connection:
        assert connection.execute(select(pictures)).all() == []
