"""The server behind the page that is being answered."""

from typing import TYPE_CHECKING, cast

from flask import current_app

from authserver.server import Server

if TYPE_CHECKING:
    from authserver.pages.app import App


def current_server() -> Server:
    """The `Server` of the running application; needs an application context."""
    return cast("App", current_app).server
