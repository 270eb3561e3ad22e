"""A server as somebody runs it, for pictures of its pages: people, applications with logos, two weeks of sign-ins."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from authserver.store import addresses, users
from tests.accounts.conftest import MakeSite
from tests.accounts.site import NOW, PASSWORD, Site
from tests.browser.portal import Place, opened

DAY = 86400
PEOPLE = {
    "grace": "Grace Hopper",
    "alan": "Alan Turing",
    "katherine": "Katherine Johnson",
    "edsger": "Edsger Dijkstra",
    "barbara": "Barbara Liskov",
    "donald": "Donald Knuth",
    "margaret": "Margaret Hamilton",
}
# So many sign-ins on each of the last 14 days.
SIGN_INS = (3, 5, 4, 6, 2, 1, 4, 6, 7, 5, 6, 2, 3, 6)
MORE = """
  - {client_id: wiki, name: Wiki, type: spa, redirect_uris: ["https://wiki.example.com/callback"], apis: [reports]}
  - {client_id: metrics, name: Metrics, type: spa, redirect_uris: ["https://metrics.example.com/callback"]}
providers:
  google: {preset: google, client_id: x, secret: {env: UPSTREAM}}
  work: {issuer: "https://id.example.com", label: Example Inc, client_id: x, secret: {env: UPSTREAM}}
"""


@contextmanager
def furnished(make_site: MakeSite, folder: Path) -> Iterator[Place]:
    """The server and its client's site; Ada is an administrator."""
    _draw_logo(folder / "portal.png")

    def make(clients: str, **changed: Any) -> Site:
        clients = clients.replace("roles: {user:", 'roles: {admin: ["admin:all"], user:')
        clients = clients.replace(
            "name: Team portal",
            f"name: Team portal\n    client_uri: https://portal.example.com\n    logo: {folder / 'portal.png'}",
        )
        return make_site(clients + MORE, **changed, signup="open", product_name="Example")

    with opened(make) as place:
        _fill(place.site)
        yield place


def _fill(site: Site) -> None:
    added = [site.add(username, f"{username}@example.com", name) for username, name in PEOPLE.items()]
    with site.app.server.database.write() as connection:
        for person in added:
            users.set_roles(connection, person.sub, ["staff" if person.username < "e" else "user"], NOW)
        ada = users.by_login(connection, "ada")
        assert ada is not None
        users.set_roles(connection, ada.sub, ["admin"], NOW)
        addresses.put(connection, ada.sub, "ada@example.com", NOW, is_verified=True)
    for days, count in enumerate(reversed(SIGN_INS)):
        site.clock.now = NOW - days * DAY
        for username in [*PEOPLE, *PEOPLE][:count]:
            site.browser().sign_in(username, "forgotten" if username == "alan" else PASSWORD)
    site.clock.now = NOW
    site.app.server.limiter.reset()


def _draw_logo(path: Path) -> None:
    image = Image.new("RGB", (96, 96), "#1d4ed8")
    draw = ImageDraw.Draw(image)
    for left, top in ((20, 52), (42, 36), (64, 20)):
        draw.rounded_rectangle((left, top, left + 14, 76), radius=4, fill="white")
    image.save(path)
