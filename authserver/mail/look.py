"""What a mail looks like: the product's name, colour and logo, the same as on the pages."""

import mimetypes
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import cache
from pathlib import Path

from authserver.protocol.colour import ink_on
from authserver.settings import Settings

# As `--accent` in static/tokens.css.
ACCENT = "#0f6b57"
# What mail programs show; each mail carries a copy.
SHOWN = frozenset({".png", ".jpg", ".jpeg"})
LARGEST = 64 * 1024
CONTENT_ID = "logo@authserver"


@dataclass(frozen=True, slots=True)
class Look:
    """Colours are as `#0f6b57`; `logo` is empty where mails have none, and `logo_type` then, too."""

    product: str
    accent: str
    on_accent: str
    logo: bytes = field(repr=False)
    logo_type: str

    @property
    def words(self) -> dict[str, str | None]:
        """What the layout needs."""
        logo = CONTENT_ID if self.logo else None
        return {"product": self.product, "accent": self.accent, "on_accent": self.on_accent, "logo": logo}

    def put_into(self, message: EmailMessage) -> None:
        """Let the logo travel with the HTML of a message (RFC 2392, RFC 2387)."""
        html = message.get_body(("html",))
        if self.logo and isinstance(html, EmailMessage):
            kind, _, subkind = self.logo_type.partition("/")
            html.add_related(self.logo, kind, subkind, cid=f"<{CONTENT_ID}>", disposition="inline")


def look_of(settings: Settings) -> Look:
    """The look that these settings give."""
    accent = settings.accent or ACCENT
    logo, kind = _logo(settings.logo) if settings.logo else (b"", "")
    return Look(settings.product_name or settings.authority, accent, ink_on(accent), logo, kind)


@cache
def _logo(path: Path) -> tuple[bytes, str]:
    content = path.read_bytes() if path.suffix.lower() in SHOWN else b""
    if len(content) > LARGEST:
        content = b""
    return content, mimetypes.guess_type(path)[0] or ""
