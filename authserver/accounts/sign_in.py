"""The sign-in page: `/sign-in?request=<handle>`, or without a request to begin a session.

OpenID Connect Core §3.1.2.3. https://openid.net/specs/openid-connect-core-1_0.html#Authenticates
"""

from flask import Response, request, url_for
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, StringField

from authserver.accounts import select_account
from authserver.pages.current import current_server
from authserver.pages.errors import stale_page
from authserver.pages.fault import Fault, show, throttled, upstream_refusal
from authserver.pages.redirect import see_page
from authserver.protocol.interaction import Step
from authserver.protocol.person.login_name import as_typed, login_key
from authserver.protocol.provider import offered
from authserver.protocol.upstream import fault as upstream_fault
from authserver.signin.begin import begin
from authserver.signin.credentials import ThrottledError, WrongCredentialsError, check
from authserver.signin.device import presented_device
from authserver.signin.factors import assertion
from authserver.signin.factors.passkey import rp_id
from authserver.signin.password import PasswordsBusyError
from authserver.signin.visit import Visit, load_visit
from authserver.store.factors import passkeys

INCOMPLETE = Fault("Enter your username or email address, and your password.")
# Who lacks a factor begins anew here, if they come here.
ASK_WHO = frozenset({Step.SIGN_IN, Step.SIGN_UP, Step.COMPLETE_SIGN_IN, Step.SET_UP_FACTOR})
WRONG = Fault("Wrong username or password. Check both and try again.")


class SignInForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """What a person enters. The CSRF token is checked before any view of a form."""

    username = StringField()
    password = PasswordField()
    remember = BooleanField()


def sign_in() -> Response:
    """Ask for username and password, or check them: then a session, and on to what was asked."""
    visit = load_visit(request.args.get("request"), request.args.get("to"))
    if visit is None:
        return stale_page()
    if request.method == "POST":
        return _answer(visit)
    if "another" in request.args:
        return _page(visit, SignInForm(formdata=None), another=True)
    return _ask(visit, visit.step())


def _ask(visit: Visit, step: Step | None) -> Response:
    if step is Step.SELECT_ACCOUNT:
        return select_account.offer(visit)
    if step not in ASK_WHO:
        return visit.onward()
    if step is not Step.SIGN_UP and "fault" not in request.args and (provider := visit.chosen_provider) is not None:
        return see_page("federation.start", name=provider.name, request=visit.handle)
    return first_page(visit)


def _answer(visit: Visit) -> Response:
    account = request.form.get("account")
    if account is not None:
        return select_account.choose(visit, account)
    # Where the client takes one provider alone the page has no form, and whoever sends one is led on to there.
    return visit.onward() if visit.waiting and visit.waiting.client.provider else _submit(visit)


def first_page(visit: Visit, fault: Fault | None = None) -> Response:
    """The form, with the name filled in that is known; `fault` is what went wrong with another way to sign in."""
    form = SignInForm(formdata=None)
    if visit.is_confirming and visit.person is not None and visit.session is not None:
        form.username.data = visit.person.username
        form.remember.data = visit.session.idle == current_server().settings.remember_idle
    elif visit.waiting is not None:
        form.username.data = as_typed(visit.waiting.request.login_hint or "")
    return _page(visit, form, fault)


def _submit(visit: Visit) -> Response:
    # Left to itself Flask-WTF reads files and JSON, too, whose values need not be text.
    form = SignInForm(formdata=request.form)
    login, password = form.username.data or "", form.password.data or ""
    if not login.strip() or not password:
        return _page(visit, form, INCOMPLETE)
    remember = bool(form.remember.data)
    if _is_answered(visit, login, remember=remember):
        return visit.onward()
    try:
        address = request.environ["authserver.address"]
        checked = check(current_server(), login, password, address, presented_device())
        return begin(visit, checked, remember=remember)
    except WrongCredentialsError:
        return _page(visit, form, WRONG)
    except ThrottledError as error:
        return _page(visit, form, throttled(error.retry_after))
    except PasswordsBusyError as error:
        return _page(visit, form, error.fault)


def _is_answered(visit: Visit, login: str, *, remember: bool) -> bool:
    """Whether another tab has meanwhile signed in the very person who is named, as the request wants it.

    Such a form is no guess and counts as none: ten pages that were opened together may all be sent within a minute.
    """
    if visit.waiting is None or visit.session is None or visit.person is None:
        return False
    if visit.step() in {*ASK_WHO, Step.SELECT_ACCOUNT}:
        return False
    is_remembered = visit.session.idle == current_server().settings.remember_idle
    names = {login_key(visit.person.username), login_key(visit.person.email or "")}
    return login_key(login) in names and (is_remembered or not remember)


def _passkey_options(visit: Visit) -> str | None:
    """What a browser is to prove; None where there can be no passkey, or the person who confirms has none."""
    server, allowed = current_server(), None
    if rp_id(server.settings) is None:
        return None
    if visit.is_confirming and visit.person is not None and "another" not in request.args:
        with server.database.read() as connection:
            allowed = passkeys.of_person(connection, visit.person.sub)
        if not allowed:
            return None
    return assertion.request_options(server, assertion.SIGN_IN, allowed)


def _by_mail(visit: Visit) -> str | None:
    """Where a code is mailed from, where one signs people in."""
    if not current_server().settings.signin_by_mail:
        return None
    return url_for("accounts.mailed_code", request=visit.handle, to=visit.to)


def _page(visit: Visit, form: SignInForm, fault: Fault | None = None, *, another: bool = False) -> Response:
    server, handle = current_server(), visit.handle
    client = visit.waiting.client if visit.waiting else None
    if request.method == "GET":
        fault = fault or upstream_refusal(server.providers)
    if client is not None and client.provider is not None and client.provider not in server.providers:
        fault = fault or Fault(upstream_fault.sentence("unknown"), values={"label": client.provider})
    return show(
        "accounts/sign_in.html",
        form=form,
        client=client,
        person=visit.person,
        providers=[
            (each, url_for("federation.start", name=each.name, request=handle, to=visit.to))
            for each in offered(server.providers, client.provider if client else None)
        ],
        action=url_for("accounts.sign_in", request=handle, to=visit.to),
        passkey_options=_passkey_options(visit),
        passkey_action=url_for("accounts.passkey", request=handle, to=visit.to),
        by_mail=_by_mail(visit),
        forgot=url_for("accounts.forgot", request=handle),
        sign_up=url_for("accounts.sign_up", request=handle) if server.settings.may_sign_up else None,
        confirming=visit.is_confirming and not another,
        fault=fault,
    )
