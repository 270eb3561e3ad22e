"""A person's browser, driven over HTTP: it keeps cookies, follows redirects within the server, and fills in forms."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urljoin, urlsplit

from flask import Flask
from werkzeug.datastructures import Headers

from tests.flows import safety
from tests.flows.page import Form, Page, read

PASSWORD = "Correct-horse-9"
MOST_REDIRECTS = 10


@dataclass(frozen=True, slots=True)
class Landing:
    """Where the browser came to rest: a page of the server, or a URI outside it that it was sent on to."""

    url: str
    status: int
    headers: Headers
    text: str
    page: Page
    trail: tuple[str, ...]
    is_outside: bool

    @property
    def heading(self) -> str:
        return self.page.heading

    @property
    def answer(self) -> dict[str, str]:
        """The authorization response, by redirect or form_post; each parameter once."""
        if self.is_outside:
            pairs = parse_qsl(urlsplit(self.url).query, keep_blank_values=True, strict_parsing=True)
            assert len({name for name, _ in pairs}) == len(pairs), self.url
            return dict(pairs)
        assert self.page.form.action.startswith(("https:", "http://127.0.0.1")), self.text
        return self.page.form.fields

    @property
    def code(self) -> str:
        return self.answer["code"]

    @property
    def error(self) -> str:
        return self.answer["error"]


class Browser:
    """One browser at one address."""

    def __init__(self, app: Flask, issuer: str, address: str) -> None:
        self.issuer = issuer
        self.address = address
        self.client = app.test_client()
        self.origin = "{0.scheme}://{0.netloc}".format(urlsplit(issuer))

    def open(self, url: str, **headers: str) -> Landing:
        """Go to an address, as by a link from somewhere else."""
        return self._go("GET", urljoin(f"{self.issuer}/", url), None, {"Sec-Fetch-Site": "cross-site"} | headers)

    def follow(self, landing: Landing, text: str) -> Landing:
        """Follow a link of a page."""
        return self._go("GET", urljoin(landing.url, landing.page.links[text]), None, {})

    def submit(
        self, landing: Landing, button: str | None = None, *, form: Form | None = None, **fields: str
    ) -> Landing:
        """Fill in the form of a page and press a button. Pages may be old: this is also the back button."""
        form = form or landing.page.form_with(fields)
        assert form.method == "post"
        headers = {"Origin": self.origin, "Sec-Fetch-Site": "same-origin"}
        return self._go("POST", urljoin(landing.url, form.action), form.filled(button, **fields), headers)

    def post(self, url: str, fields: Mapping[str, str], **headers: str) -> Landing:
        """Send a form that no page of the server showed, by default as a form of another site."""
        sent = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return self._go("POST", urljoin(f"{self.issuer}/", url), fields, sent)

    def sign_in(self, landing: Landing, username: str, password: str = PASSWORD, *, remember: bool = False) -> Landing:
        """Enter a username and a password on the sign-in page."""
        assert landing.heading in {"Sign in", "Confirm it’s you"}, landing.heading
        form = landing.page.form
        form.fields.pop("remember", None)
        if remember:
            form.fields["remember"] = "y"
        return self.submit(landing, form=form, username=username, password=password)

    def allow(self, landing: Landing) -> Landing:
        return self.submit(landing, "Allow")

    def deny(self, landing: Landing) -> Landing:
        return self.submit(landing, "Deny")

    def cookie(self, name: str) -> str | None:
        """The value of a cookie of the server."""
        cookie = self.client.get_cookie(name, domain=urlsplit(self.issuer).hostname or "")
        return cookie.value if cookie else None

    def plant(self, name: str, value: str) -> None:
        """Put a cookie of the server into this browser."""
        self.client.set_cookie(name, value, domain=urlsplit(self.issuer).hostname or "")

    def _go(self, method: str, url: str, fields: Mapping[str, str] | None, headers: Mapping[str, str]) -> Landing:
        trail = [url]
        for _ in range(MOST_REDIRECTS):
            response = self.client.open(
                url,
                method=method,
                data=fields,
                headers=headers,
                content_type="application/x-www-form-urlencoded" if method == "POST" else None,
                environ_base={"REMOTE_ADDR": self.address},
            )
            safety.check_page_answer(response, self.issuer)
            location = response.headers.get("Location")
            if location is None:
                # What is saved as a file is no page.
                is_file = response.headers.get("Content-Disposition", "").startswith("attachment;")
                page = Page() if is_file else read(response.text)
                if not is_file:
                    safety.check_markup(page)
                return Landing(url, response.status_code, response.headers, response.text, page, tuple(trail), False)
            assert not location.lower().startswith(safety.SCRIPT_SCHEMES)
            url = urljoin(url, location)
            trail.append(url)
            if not (url == self.issuer or url.startswith(self.issuer + "/")):
                return Landing(url, response.status_code, response.headers, "", Page(), tuple(trail), True)
            method, fields, headers = "GET", None, {}
        raise AssertionError(f"redirects without end: {trail}")
