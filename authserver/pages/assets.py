"""What all pages have: an address and methods each, and assets under a name that changes with their content."""

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response, url_for

READ, READ_AND_SEND, SEND = ("GET",), ("GET", "POST"), ("POST",)
Page = tuple[str, Callable[..., Response], tuple[str, ...]]


def room(name: str, pages: Iterable[Page]) -> Blueprint:
    """The pages of a room, by address, view and methods; their endpoints are named as the views are."""
    blueprint = Blueprint(name, f"authserver.{name}")
    for rule, view, methods in pages:
        blueprint.add_url_rule(rule, view_func=view, methods=list(methods), provide_automatic_options=False)
    return blueprint


def init_assets(app: Flask) -> None:
    """Give templates `asset()` and the filter `iso_time` for seconds since the epoch."""
    folder = Path(app.static_folder or "")

    @cache
    def version(name: str) -> str:
        return hashlib.sha256((folder / name).read_bytes()).hexdigest()[:12]

    def asset(name: str) -> str:
        return url_for("static", filename=name, v=version(name))

    app.jinja_env.globals.update(asset=asset)
    app.jinja_env.filters.update(iso_time=_iso_time)


def _iso_time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
