"""Assets under a name that changes with their content, and what templates show times with."""

import hashlib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from flask import Flask, url_for


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
