"""`/federation/<provider>/logo`: the picture on its button, from this site as everything on its pages."""

from flask import Response, abort

from authserver.federation.current import provider_of


def logo(name: str) -> Response:
    """The administrator's file. It may be SVG: the policy of every answer lets no script of it run."""
    found = provider_of(name).logo
    if found is None:
        abort(404)
    return Response(found.content, content_type=found.content_type)
