"""Every way a request is refused: RFC 6750 §3.1, https://www.rfc-editor.org/rfc/rfc6750#section-3.1"""

from typing import ClassVar


class GuardError(Exception):
    """A refused request. `status` is HTTP's; `error` goes into the challenge, None if none may stand there.

    `description` is fixed text for the developer of the caller: it never repeats what the caller sent.
    """

    status: ClassVar[int]
    error: ClassVar[str | None]

    def __init__(self, description: str) -> None:
        super().__init__(description)
        self.description = description


class MissingTokenError(GuardError):
    """The request carries no bearer token at all; RFC 6750 §3.1 wants no error code then."""

    status = 401
    error = None


class InvalidRequestError(GuardError):
    """The Authorization header is malformed."""

    status = 400
    error = "invalid_request"


class InvalidTokenError(GuardError):
    """The token is expired, forged, meant for another resource server, or no access token."""

    status = 401
    error = "invalid_token"


class InsufficientScopeError(GuardError):
    """The token is good and does not reach. `missing` are the permissions that would."""

    status = 403
    error = "insufficient_scope"

    def __init__(self, description: str, missing: tuple[str, ...]) -> None:
        super().__init__(description)
        self.missing = missing


class KeysUnavailableError(GuardError):
    """The issuer cannot be reached and none of its keys is held. Try again after `retry_after` seconds."""

    status = 503
    error = None

    def __init__(self, description: str, retry_after: int) -> None:
        super().__init__(description)
        self.retry_after = retry_after
