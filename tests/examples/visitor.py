"""A person's browser over real HTTP: cookies of every port of this machine, as browsers have them, links, and forms."""

from urllib.parse import urljoin, urlsplit

import requests

from tests.flows.page import Page, read
from tests.patience import PATIENCE


class Visitor:
    """Where they are: `url`, and the `page` there."""

    def __init__(self) -> None:
        self._session = requests.Session()
        self.url = ""
        self.page = Page()

    def open(self, url: str) -> None:
        self._arrive(self._session.get(urljoin(self.url, url), timeout=PATIENCE))

    def follow(self, text: str) -> None:
        """Follow a link of the page."""
        self.open(self.page.links[text])

    def press(self, button: str, **fields: str) -> None:
        """Fill in the form with this button, and press it."""
        form = next(each for each in self.page.forms if button in each.buttons and fields.keys() <= each.fields.keys())
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(self.url))
        sent = form.filled(button, **fields)
        url = urljoin(self.url, form.action)
        self._arrive(self._session.post(url, sent, headers={"Origin": origin}, timeout=PATIENCE))

    def _arrive(self, answer: requests.Response) -> None:
        assert answer.status_code < 500, answer.text
        self.url, self.page = answer.url, read(answer.text)
