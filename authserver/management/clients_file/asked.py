"""What is asked about clients.yaml."""

from typing import Annotated

from pydantic import Field

from authserver.management.call.inputs import Given, Query

# RFC 6749 §3.3, and spaces.
_SCOPE = r"^[!#-\[\]-~ ]+$"


class PlannedFile(Given):
    """A changed clients.yaml, which is not taken."""

    file: Annotated[str, Field(min_length=1)]
    """Its text. Secrets, and other files that it names, are not read."""

    who: bool = False
    """Whether to name everybody concerned, which takes the permission `read:users`."""


class ClientExplanationQuery(Query):
    """What a client would ask for itself. `resource`, the audience of an API, may stand beside it."""

    scope: Annotated[str, Field(max_length=2000, pattern=_SCOPE)] | None = None
    """What the client would ask for. Default: no scope, which gets all that it may."""


class ExplanationQuery(Query):
    """What would be asked. `resource`, the audience of an API, may stand beside these."""

    client_id: Annotated[str, Field(min_length=1, max_length=200)]
    """The client. Seeing it takes the permission `read:clients`, too."""

    scope: Annotated[str, Field(max_length=2000, pattern=_SCOPE)] | None = None
    """What the client would ask for. Default: all OpenID scopes that it may."""

    provider: Annotated[str, Field(max_length=32, pattern=r"^[a-z][a-z0-9-]*$")] | None = None
    """The provider that vouched for the sign-in. Default: a password."""
