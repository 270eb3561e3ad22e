"""The next step of an authorization request: one function decides, pages return only to it.

OpenID Connect Core §3.1.2.1, §3.1.2.3, §3.1.2.6. https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import Enum

from authserver.protocol.client.client import Client
from authserver.protocol.errors import RedirectedError
from authserver.protocol.request.authorization_request import CREATE, AuthorizationRequest


class Lack(Enum):
    """What a session lacks of the level that is demanded, by what would give it."""

    FACTOR = "another factor, which the person has"
    SIGN_IN = "another sign-in"
    SET_UP = "a factor that the person can set up"
    MEANS = "what nothing here can give"


class Step(Enum):
    """What the person must do next, if anything."""

    SIGN_IN = "sign in"
    COMPLETE_SIGN_IN = "complete the sign-in"
    SET_UP_FACTOR = "set up a second factor"
    STEP_UP = "step up"
    ADD_FACTOR = "add a factor"
    SIGN_UP = "sign up"
    SELECT_ACCOUNT = "select account"
    CONSENT = "consent"
    REFUSE = "refuse"
    ISSUE = "issue"


@dataclass(frozen=True, slots=True)
class Progress:
    """What has been done under this request's handle: the `sid` of the session that did it."""

    authenticated_sid: str | None = None
    selected_sid: str | None = None
    consented_sid: str | None = None
    denied: bool = False


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is signed in: the facts that decide. `auth_time` is in seconds since the epoch, `provider` who vouched.

    `auth_time` is None where the provider did not say when they signed in. A sign-in that lacks a factor is not
    complete, and leads nowhere but to that factor. `must_set_up`: one is required of them, and they have none. `lack`
    is what keeps the session from the level that the request demands; by `is_wish`, the client only wishes for it.
    """

    sid: str
    sub: str
    auth_time: int | None
    roles: Collection[str]
    provider: str | None = None
    is_complete: bool = True
    must_set_up: bool = False
    lack: Lack | None = None
    is_wish: bool = False


@dataclass(frozen=True, slots=True)
class Remembered:
    """What this person has allowed this client before: of the APIs with these audiences everything.

    `row` is what the store had, by which it notices a change; empty where it had nothing.
    """

    scope: frozenset[str] = frozenset()
    audiences: frozenset[str] = frozenset()
    api_scopes: frozenset[str] = frozenset()
    row: tuple[str, ...] = field(default=(), compare=False)

    def new_api_scopes(self, request: AuthorizationRequest) -> tuple[str, ...]:
        """The scopes of APIs that a request asks for and that nobody has allowed yet."""
        return tuple(
            each
            for each in request.api_scopes or ()
            if each not in self.api_scopes and each.partition("#")[0] not in self.audiences
        )


NOTHING_DONE = Progress()


def next_step(
    request: AuthorizationRequest,
    client: Client,
    person: SignedIn | None,
    consent: Remembered,
    now: int,
    progress: Progress = NOTHING_DONE,
) -> Step:
    """Decide what comes next. With prompt=none anything but ISSUE is an error for the client (RedirectedError)."""
    if progress.denied:
        raise RedirectedError("access_denied", "The person denied the request.")
    if person is not None and person.must_set_up:
        # Nothing is set up in a session of earlier: who it is is asked anew.
        step = Step.SIGN_IN if person.is_complete else Step.SET_UP_FACTOR
    elif person is not None and not person.is_complete:
        step = Step.COMPLETE_SIGN_IN
    else:
        step = _step(request, client, person, consent, now, progress)
    if step is Step.ISSUE or "none" not in request.prompt:
        return step
    if step is Step.REFUSE:
        raise refused()
    if step is Step.CONSENT:
        raise RedirectedError("consent_required", "The person must be asked for consent.")
    if step is Step.ADD_FACTOR or (person is not None and person.must_set_up):
        raise RedirectedError("interaction_required", "The person must set up a second factor.")
    raise RedirectedError("login_required", "The person must sign in.")


def refused() -> RedirectedError:
    """The answer to a client that this person may not sign in to."""
    return RedirectedError("access_denied", "This person may not sign in to the client.")


def _step(
    request: AuthorizationRequest,
    client: Client,
    person: SignedIn | None,
    consent: Remembered,
    now: int,
    progress: Progress,
) -> Step:
    if person is None or _must_authenticate(request, client, person, now, progress):
        # Initiating User Registration §4: an account is to be made; signing in with one there is does as well. Where
        # one provider alone vouches for people, it is that provider that makes one.
        return Step.SIGN_UP if CREATE in request.prompt and client.provider is None else Step.SIGN_IN
    if _is_undated(request, person):
        # Signed in under this very handle, by the one provider that the client takes, and still nobody knows when.
        raise RedirectedError(
            "unmet_authentication_requirements", "The provider of this client does not say when the person signed in."
        )
    if not request.may_be_for(person.sub):
        # Another person may be the one (Core §3.1.2.2, §5.5.1); who has just tried under this handle is not.
        if progress.authenticated_sid == person.sid:
            raise RedirectedError("login_required", "A different person signed in than the one who was named.")
        return Step.SIGN_IN
    if "select_account" in request.prompt and person.sid not in (progress.selected_sid, progress.authenticated_sid):
        return Step.SELECT_ACCOUNT
    if client.allowed_roles is not None and client.allowed_roles.isdisjoint(person.roles):
        return Step.REFUSE
    missing = _missing(request, person, progress)
    if missing is None and _must_consent(request, client, consent, has_agreed=progress.consented_sid == person.sid):
        missing = Step.CONSENT
    return missing or Step.ISSUE


def _missing(request: AuthorizationRequest, person: SignedIn, progress: Progress) -> Step | None:
    """The step towards the level that is demanded (Core §5.5.1.1; RFC 9470 §5), or the error where there is none."""
    if person.lack is Lack.FACTOR:
        # Core §3.1.2.1: a wish that takes a page is none with prompt=none.
        return None if person.is_wish and "none" in request.prompt else Step.STEP_UP
    if person.lack is None or person.is_wish:
        return None
    if person.lack is Lack.SET_UP:
        return Step.ADD_FACTOR
    if person.lack is Lack.SIGN_IN and progress.authenticated_sid != person.sid:
        return Step.SIGN_IN
    raise unmet()


def unmet() -> RedirectedError:
    """The answer to a client whose requirements this person cannot meet."""
    return RedirectedError(
        "unmet_authentication_requirements", "The person cannot reach the level of authentication that is required."
    )


def _must_authenticate(
    request: AuthorizationRequest, client: Client, person: SignedIn, now: int, progress: Progress
) -> bool:
    if client.provider is not None and person.provider != client.provider:
        # A session that began with a password, or at another provider, is none for this client.
        return True
    if progress.authenticated_sid == person.sid:
        # A sign-in under this very handle counts, so that prompt=login and max_age=0 end; nothing older does.
        return client.provider is None and _is_undated(request, person)
    if not request.prompt.isdisjoint({"login", CREATE}):
        return True
    return request.max_age is not None and (person.auth_time is None or now - person.auth_time >= request.max_age)


def _is_undated(request: AuthorizationRequest, person: SignedIn) -> bool:
    """Whether the request asks for a sign-in of now, and nobody knows when this one was (Core §2 wants `auth_time`)."""
    return person.auth_time is None and (request.max_age is not None or "login" in request.prompt)


def _must_consent(request: AuthorizationRequest, client: Client, consent: Remembered, *, has_agreed: bool) -> bool:
    if not has_agreed and (request.always_asks or "consent" in request.prompt or client.consent == "always"):
        return True
    # Agreed to under this very handle, it may have been withdrawn since: what is remembered decides.
    return client.consent == "once" and (
        not consent.scope.issuperset(request.asked_scope)
        or not consent.audiences.issuperset(request.whole_audiences)
        or bool(consent.new_api_scopes(request))
    )
