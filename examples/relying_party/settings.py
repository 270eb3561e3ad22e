"""Where everything is, from the environment."""

import os
from dataclasses import dataclass, field

from examples.environment import required


@dataclass(frozen=True, slots=True)
class Settings:
    """`secret` authenticates the client at the token endpoint, `cookie_key` signs the browser's cookie."""

    issuer: str
    base_url: str
    resource_url: str
    database: str
    secret: str = field(repr=False)
    cookie_key: str = field(repr=False)
    client_id: str = "portal"

    @property
    def callback(self) -> str:
        return f"{self.base_url}/callback"

    @property
    def reports(self) -> str:
        """The audience of the reports API, and its address."""
        return f"{self.resource_url}/reports"

    @property
    def users(self) -> str:
        """The audience of the users API, and its address."""
        return f"{self.resource_url}/users"


def from_environment() -> Settings:
    """Ends the program, in words, where a secret is missing."""
    secret, cookie_key = required("PORTAL_SECRET", "PORTAL_COOKIE_KEY")
    return Settings(
        issuer=os.environ.get("ISSUER", "http://localhost:8080"),
        base_url=f"http://localhost:{os.environ.get('PORTAL_PORT', '8081')}",
        resource_url=f"http://localhost:{os.environ.get('RESOURCE_PORT', '8082')}",
        database=os.environ.get("PORTAL_DATABASE", "portal.db"),
        secret=secret,
        cookie_key=cookie_key,
    )
