"""The next step of a request, as a decision table (OpenID Connect Core §3.1.2.1, §3.1.2.3, §3.1.2.6)."""

from dataclasses import replace

import pytest

from authserver.protocol.client.client import Client
from authserver.protocol.errors import RedirectedError
from authserver.protocol.interaction import Progress, Remembered, SignedIn, Step, next_step
from authserver.protocol.request.authorization_request import AuthorizationRequest
from tests.protocol.values import NOW, make_client

ASKED = AuthorizationRequest(
    client_id="portal",
    scope=("openid", "email"),
    audiences=("https://a.example", "https://b.example"),
)
ADA = SignedIn("sid", "ada", NOW - 100, {"user"})
UNDATED = SignedIn("sid", "ada", None, {"user"}, "example")
BEGUN = replace(ADA, is_complete=False)
ALLOWED = Remembered(frozenset(ASKED.scope), frozenset(ASKED.audiences))
NEVER, ONCE, ALWAYS = (make_client(consent=rule) for rule in ("never", "once", "always"))
BY_EXAMPLE = replace(NEVER, provider="example")
SIGNED_IN, CHOSE, AGREED = Progress("sid"), Progress(None, "sid"), Progress(None, None, "sid")


def asked(*prompts: str, **changes: object) -> AuthorizationRequest:
    return replace(ASKED, prompt=frozenset(prompts), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("request_", "client", "person", "consent", "progress", "step"),
    [
        # Who is signed in.
        (asked(), NEVER, None, Remembered(), Progress(), Step.SIGN_IN),
        (asked(), NEVER, ADA, Remembered(), Progress(), Step.ISSUE),
        (asked("login"), NEVER, ADA, Remembered(), Progress(), Step.SIGN_IN),
        (asked("login"), NEVER, ADA, Remembered(), SIGNED_IN, Step.ISSUE),
        (asked("login"), NEVER, ADA, Remembered(), Progress("another sid"), Step.SIGN_IN),
        (asked("login"), NEVER, None, Remembered(), SIGNED_IN, Step.SIGN_IN),
        # A factor is missing: nothing else is asked, whatever the request and whatever was done under it.
        (asked(), NEVER, BEGUN, Remembered(), Progress(), Step.COMPLETE_SIGN_IN),
        (asked("login"), NEVER, BEGUN, Remembered(), SIGNED_IN, Step.COMPLETE_SIGN_IN),
        (asked("create"), NEVER, BEGUN, Remembered(), Progress(), Step.COMPLETE_SIGN_IN),
        (asked("consent"), ALWAYS, BEGUN, ALLOWED, AGREED, Step.COMPLETE_SIGN_IN),
        (asked(hint_sub="bob"), BY_EXAMPLE, BEGUN, Remembered(), SIGNED_IN, Step.COMPLETE_SIGN_IN),
        # How long ago.
        (asked(max_age=101), NEVER, ADA, Remembered(), Progress(), Step.ISSUE),
        (asked(max_age=100), NEVER, ADA, Remembered(), Progress(), Step.SIGN_IN),
        (asked(max_age=0), NEVER, ADA, Remembered(), Progress(), Step.SIGN_IN),
        (asked(max_age=0), NEVER, ADA, Remembered(), SIGNED_IN, Step.ISSUE),
        # Nobody knows when: the one provider that would not say is not asked again, others are replaced by a password.
        (asked(), NEVER, UNDATED, Remembered(), Progress(), Step.ISSUE),
        (asked(max_age=10**9), NEVER, UNDATED, Remembered(), Progress(), Step.SIGN_IN),
        (asked(max_age=10**9), NEVER, UNDATED, Remembered(), SIGNED_IN, Step.SIGN_IN),
        (asked("login"), NEVER, UNDATED, Remembered(), SIGNED_IN, Step.SIGN_IN),
        (asked("create"), NEVER, UNDATED, Remembered(), SIGNED_IN, Step.ISSUE),
        (asked("login"), BY_EXAMPLE, UNDATED, Remembered(), Progress(), Step.SIGN_IN),
        # Whom the hint names.
        (asked(hint_sub="ada"), NEVER, ADA, Remembered(), Progress(), Step.ISSUE),
        (asked(hint_sub="bob"), NEVER, ADA, Remembered(), Progress(), Step.SIGN_IN),
        # Which account.
        (asked("select_account"), NEVER, ADA, Remembered(), Progress(), Step.SELECT_ACCOUNT),
        (asked("select_account"), NEVER, ADA, Remembered(), CHOSE, Step.ISSUE),
        (asked("select_account"), NEVER, ADA, Remembered(), SIGNED_IN, Step.ISSUE),
        (asked("select_account"), NEVER, ADA, Remembered(), Progress(None, "another sid"), Step.SELECT_ACCOUNT),
        (asked("select_account", "login"), NEVER, ADA, Remembered(), CHOSE, Step.SIGN_IN),
        # Whether they may.
        (asked(), replace(NEVER, allowed_roles=frozenset({"user"})), ADA, Remembered(), Progress(), Step.ISSUE),
        (asked(), replace(NEVER, allowed_roles=frozenset({"admin"})), ADA, Remembered(), Progress(), Step.REFUSE),
        (asked(), replace(ONCE, allowed_roles=frozenset({"admin"})), ADA, ALLOWED, AGREED, Step.REFUSE),
        # What they allowed.
        (asked(), ONCE, ADA, Remembered(), Progress(), Step.CONSENT),
        (asked(), ONCE, ADA, ALLOWED, Progress(), Step.ISSUE),
        (asked(), ONCE, ADA, replace(ALLOWED, scope=frozenset({"openid"})), Progress(), Step.CONSENT),
        (asked(), ONCE, ADA, replace(ALLOWED, audiences=frozenset({"https://a.example"})), Progress(), Step.CONSENT),
        (asked(), ONCE, ADA, ALLOWED, AGREED, Step.ISSUE),
        # It was taken back since.
        (asked(), ONCE, ADA, Remembered(), AGREED, Step.CONSENT),
        (asked("consent"), ONCE, ADA, replace(ALLOWED, scope=frozenset({"openid"})), AGREED, Step.CONSENT),
        (asked(), ONCE, ADA, Remembered(), Progress(None, None, "another sid"), Step.CONSENT),
        (asked(), ALWAYS, ADA, ALLOWED, Progress(), Step.CONSENT),
        (asked(), ALWAYS, ADA, ALLOWED, AGREED, Step.ISSUE),
        (asked("consent"), NEVER, ADA, ALLOWED, Progress(), Step.CONSENT),
        (asked("consent"), NEVER, ADA, ALLOWED, AGREED, Step.ISSUE),
        (asked("login", "consent"), ONCE, ADA, ALLOWED, SIGNED_IN, Step.CONSENT),
        # Where one provider alone vouches for people.
        (asked(), BY_EXAMPLE, ADA, Remembered(), Progress(), Step.SIGN_IN),
        (asked(), BY_EXAMPLE, replace(ADA, provider="other"), Remembered(), SIGNED_IN, Step.SIGN_IN),
        (asked(), BY_EXAMPLE, replace(ADA, provider="example"), Remembered(), Progress(), Step.ISSUE),
        (asked("create"), BY_EXAMPLE, None, Remembered(), Progress(), Step.SIGN_IN),
        (asked("create"), BY_EXAMPLE, replace(ADA, provider="example"), Remembered(), SIGNED_IN, Step.ISSUE),
        # Silently.
        (asked("none"), ONCE, ADA, ALLOWED, Progress(), Step.ISSUE),
    ],
)
def test_the_next_step(
    request_: AuthorizationRequest,
    client: Client,
    person: SignedIn | None,
    consent: Remembered,
    progress: Progress,
    step: Step,
) -> None:
    assert next_step(request_, client, person, consent, NOW, progress) is step


@pytest.mark.parametrize(
    ("request_", "client", "person", "progress", "error"),
    [
        (asked("none"), NEVER, None, Progress(), "login_required"),
        (asked("none", max_age=100), NEVER, ADA, Progress(), "login_required"),
        (asked("none"), NEVER, BEGUN, SIGNED_IN, "login_required"),
        (asked("none", hint_sub="bob"), NEVER, ADA, Progress(), "login_required"),
        (asked("none"), BY_EXAMPLE, ADA, Progress(), "login_required"),
        (asked("none"), ONCE, ADA, Progress(), "consent_required"),
        (asked("none"), replace(NEVER, allowed_roles=frozenset({"admin"})), ADA, Progress(), "access_denied"),
        (asked(hint_sub="bob"), NEVER, ADA, SIGNED_IN, "login_required"),
        (asked(), NEVER, ADA, Progress(denied=True), "access_denied"),
        (asked("login"), ONCE, None, Progress(denied=True), "access_denied"),
        (asked(), ONCE, ADA, replace(AGREED, denied=True), "access_denied"),
    ],
)
def test_what_the_client_hears_instead(
    request_: AuthorizationRequest, client: Client, person: SignedIn | None, progress: Progress, error: str
) -> None:
    with pytest.raises(RedirectedError) as refused:
        next_step(request_, client, person, Remembered(), NOW, progress)
    assert refused.value.error == error


@pytest.mark.parametrize("request_", [asked("login"), asked(max_age=0), asked(max_age=10**9)])
def test_the_client_of_one_provider_hears_that_it_does_not_say_when(request_: AuthorizationRequest) -> None:
    with pytest.raises(RedirectedError) as refused:
        next_step(request_, BY_EXAMPLE, UNDATED, Remembered(), NOW, SIGNED_IN)
    assert refused.value.error == "unmet_authentication_requirements"
