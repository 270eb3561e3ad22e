"""Forms are accepted from our own pages only: a CSRF token, and what the browser says of the origin.

OWASP ASVS 5 §3.5.1; https://www.w3.org/TR/fetch-metadata/
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import structlog
from flask import Flask, Response, abort, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import MethodNotAllowed

from authserver.pages.elsewhere import Elsewhere
from authserver.server import FORM

P = ParamSpec("P")
R = TypeVar("R")
FILES = "multipart/form-data"
protect = CSRFProtect()
_log = structlog.get_logger("authserver")
_from_elsewhere: set[Callable[..., object]] = set()


def accept_from_elsewhere(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view that clients post to from their own pages (RFC 6749 §3.1); it must change nothing by itself."""
    _from_elsewhere.add(view)
    protect.exempt(view)
    return view


def init_forgery(app: Flask, elsewhere: Elsewhere) -> None:
    """Refuse HEAD where a view would act, and posts that did not come from our own pages."""
    # Our own check of Origin below stands in for the referrer check, which wants to know the scheme behind the proxy.
    app.config.update(WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False)

    @app.before_request
    def refuse_foreign_posts() -> Response | None:
        if request.method == "HEAD" and request.endpoint not in {None, "static"}:
            # Flask runs the GET view for HEAD; a scanner of links must not act.
            rule = request.url_rule
            raise MethodNotAllowed(sorted(rule.methods - {"HEAD"}) if rule and rule.methods else None)
        if request.method in {"GET", "HEAD", "OPTIONS"} or request.endpoint is None:
            return None
        if app.view_functions[request.endpoint] in _from_elsewhere:
            return None
        upload = request.environ.get("authserver.upload")
        if upload is not None and request.mimetype == FILES:
            # Both: a file, too, is held back by the piece, and counted as a field meanwhile.
            request.max_content_length = request.max_form_memory_size = upload
        elif request.mimetype != FORM and (request.mimetype or request.content_length):
            # What the views read would be empty, and an empty form can mean something.
            abort(415)
        site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
        if (site is not None and site != "same-origin") or (origin is not None and origin != elsewhere.origin):
            opened = elsewhere.opened()
            reason = "opened elsewhere" if opened else "another site"
            _log.info("form:refused", reason=reason, opened=opened and opened[:300])
            if opened is None:
                abort(403)
            return elsewhere.page(opened, 403)
        return None

    protect.init_app(app)
