"""The name, logo and colours of who runs the server. The policy of the pages allows no inline style: all is served.

WCAG 2.2 §1.4.3 (contrast). https://www.w3.org/TR/WCAG22/#contrast-minimum
"""

import hashlib
import mimetypes
from functools import partial

from flask import Flask, Response, url_for

from authserver.protocol.colour import ink_on
from authserver.protocol.person.picture import uploaded_path
from authserver.settings import Settings

LOGO, COLOURS = "branding_logo", "branding_colours"
MEDIA = "@media (prefers-color-scheme: dark)"


def init_branding(app: Flask, settings: Settings) -> None:
    """Give templates `product`, `logo_url` and `colours_url`; the last is None without colours in the settings.

    And `uploaded_path()`, which tells by the claim `picture` where here the picture is, if it is: pages load no other.
    """
    logo = settings.logo.read_bytes() if settings.logo else None
    colours = _style(settings).encode()

    def logo_view() -> Response:
        kind = mimetypes.guess_type(settings.logo or "")[0]
        return Response(logo, mimetype=kind)

    def colours_view() -> Response:
        return Response(colours, mimetype="text/css")

    @app.context_processor
    def branding() -> dict[str, str | None]:
        return {
            "product": settings.product_name or settings.authority,
            "logo_url": url_for(LOGO, v=_version(logo)) if logo is not None else None,
            "colours_url": url_for(COLOURS, v=_version(colours)) if colours else None,
        }

    app.jinja_env.globals.update(uploaded_path=partial(uploaded_path, settings.issuer))
    if logo is not None:
        app.add_url_rule("/branding/logo", LOGO, logo_view, methods=["GET"], provide_automatic_options=False)
    if colours:
        app.add_url_rule("/branding/colours.css", COLOURS, colours_view, provide_automatic_options=False)


def _style(settings: Settings) -> str:
    light = _rule(settings.accent) if settings.accent else ""
    dark = f"{MEDIA} {{ {_rule(settings.accent_dark)} }}" if settings.accent_dark else ""
    return "\n".join(filter(None, (light, dark)))


def _rule(accent: str) -> str:
    on_accent = ink_on(accent)
    strong = f"color-mix(in srgb, {accent}, CanvasText 20%)"
    return f":root {{ --accent: {accent}; --accent-strong: {strong}; --on-accent: {on_accent}; }}"


def _version(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]
