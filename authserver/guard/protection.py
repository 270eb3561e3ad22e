"""What the guards of all frameworks have in common: the words for what is required, and the order of the checks."""

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from authserver.guard.checks.token import Token
from authserver.guard.errors import GuardError
from authserver.guard.permission import Check, all_of, any_of, any_token, signed_in, with_scopes
from authserver.guard.refusal import Refusal, refusal
from authserver.guard.sent import SentRequest
from authserver.guard.verifier import Guard, scheme_of

Requirement = TypeVar("Requirement")


class Protection(ABC, Generic[Requirement]):
    """A guard under one framework; `Requirement` is what the framework puts before a route: a decorator, mostly."""

    def __init__(self, guard: Guard) -> None:
        self.guard = guard

    @property
    def require_token(self) -> Requirement:
        """Let every valid token through."""
        return self._require(any_token)

    def require_permission(self, permission: str) -> Requirement:
        """Let a token with this permission through."""
        return self._require(all_of((permission,)))

    def require_all_permissions(self, *permissions: str) -> Requirement:
        """Let a token with every one of these permissions through."""
        return self._require(all_of(permissions))

    def require_any_permission(self, *permissions: str) -> Requirement:
        """Let a token with at least one of these permissions through."""
        return self._require(any_of(permissions))

    def require_scope(self, *scopes: str) -> Requirement:
        """Let a token with every one of these scopes through; each permission is a scope."""
        return self._require(with_scopes(scopes))

    def require_acr(self, *values: str, max_age: int | None = None) -> Requirement:
        """Let a token through whose person signed in at one of these levels, `max_age` seconds ago at most."""
        return self._require(signed_in(values, max_age, self.guard.leeway))

    def require_max_age(self, seconds: int) -> Requirement:
        """Let a token through whose person signed in so many seconds ago at most (RFC 9470)."""
        return self._require(signed_in((), seconds, self.guard.leeway))

    def _require(self, check: Check) -> Requirement:
        self.guard.scopes.update(check.scopes)
        return self._requiring(check)

    @abstractmethod
    def _requiring(self, check: Check) -> Requirement: ...

    def _admit(self, sent: SentRequest, check: Check) -> Token:
        # Raises GuardError.
        return self._checked(self.guard.admit(sent), check)

    async def _admit_async(self, sent: SentRequest, check: Check) -> Token:
        return self._checked(await self.guard.admit_async(sent), check)

    def _refusal(self, error: GuardError) -> Refusal:
        return refusal(error, self.guard.audience, self.guard.resource_metadata)

    def _checked(self, token: Token, check: Check) -> Token:
        try:
            check.run(token, self.guard.now())
        except GuardError as error:
            error.scheme = scheme_of(token)
            raise
        return token
