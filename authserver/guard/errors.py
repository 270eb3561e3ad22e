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
        # The scheme in which the token was sent, or is to be sent: `Bearer` or `DPoP`.
        self.scheme = "Bearer"


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


class InvalidProofError(GuardError):
    """The DPoP proof is missing, or is not one of this request by the key of its token (RFC 9449 §7.1)."""

    status = 401
    error = "invalid_dpop_proof"


class InsufficientScopeError(GuardError):
    """The token is good and does not reach: of all the scopes that are `needed` it lacks those that are `missing`."""

    status = 403
    error = "insufficient_scope"

    def __init__(self, description: str, missing: tuple[str, ...], needed: tuple[str, ...]) -> None:
        super().__init__(description)
        self.missing = missing
        self.needed = needed


class InsufficientUserAuthenticationError(GuardError):
    """The token is good, and the person must sign in again: at a level of `acr_values`, no longer ago than `max_age`.

    RFC 9470 §3. https://www.rfc-editor.org/rfc/rfc9470#section-3
    """

    status = 401
    error = "insufficient_user_authentication"

    def __init__(self, acr_values: tuple[str, ...], max_age: int | None) -> None:
        super().__init__("The person must sign in again, as acr_values and max_age say.")
        self.acr_values = acr_values
        self.max_age = max_age


class UnavailableError(GuardError):
    """What is needed to decide cannot be reached. Try again after `retry_after` seconds."""

    status = 503
    error = None

    def __init__(self, description: str, retry_after: int) -> None:
        super().__init__(description)
        self.retry_after = retry_after


class KeysUnavailableError(UnavailableError):
    """The issuer cannot be reached and none of its keys is held."""


class ReplaysUnavailableError(UnavailableError):
    """Whether a DPoP proof has been used before cannot be found out."""
