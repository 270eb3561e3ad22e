"""The sign-in page: `/sign-in?request=<handle>`, or without a request to begin a session.

OpenID Connect Core §3.1.2.3. https://openid.net/specs/openid-connect-core-1_0.html#Authenticates
"""

from flask import Response, render_template, request, url_for
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, StringField

from authserver.accounts import select_account
from authserver.pages.current import current_server
from authserver.pages.errors import stale_page
from authserver.pages.fault import Fault, answered, throttled, upstream_refusal
from authserver.pages.redirect import see_page
from authserver.protocol.interaction import Step
from authserver.protocol.person.login_name import as_typed, login_key
from authserver.protocol.provider import Provider, chosen, offered
from authserver.protocol.upstream import fault as upstream_fault
from authserver.signin import visit
from authserver.signin.begin import begin
from authserver.signin.credentials import ThrottledError, WrongCredentialsError, check
from authserver.signin.device import presented_device
from authserver.signin.password import PasswordsBusyError
from authserver.signin.visit import Visit

INCOMPLETE = Fault("Enter your username or email address, and your password.")
WRONG = Fault("Wrong username or password. Check both and try again.")


class SignInForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """What a person enters. The CSRF token is checked before any view of a form."""

    username = StringField()
    password = PasswordField()
    remember = BooleanField()


def sign_in() -> Response:
    """Ask for username and password, or check them: then a session, and on to what was asked."""
    here = visit.load(request.args.get("request"), request.args.get("to"))
    if here is None:
        return stale_page()
    if request.method == "POST":
        return _answer(here)
    if "another" in request.args:
        return _page(here, SignInForm(formdata=None), another=True)
    step = here.step()
    if step is Step.SELECT_ACCOUNT:
        return select_account.offer(here)
    if step is Step.SIGN_IN and "fault" not in request.args and (provider := _chosen(here)) is not None:
        return see_page("federation.start", name=provider.name, request=here.waiting.handle if here.waiting else None)
    return _ask(here) if step in {Step.SIGN_IN, Step.SIGN_UP} else here.onward()


def _answer(here: Visit) -> Response:
    account = request.form.get("account")
    if account is not None:
        return select_account.choose(here, account)
    # Where the client takes one provider alone the page has no form, and whoever sends one is led on to there.
    return here.onward() if here.waiting and here.waiting.client.provider else _submit(here)


def _chosen(here: Visit) -> Provider | None:
    if here.waiting is None:
        return None
    asked, fixed = here.waiting.pending.request, here.waiting.client.provider
    return chosen(current_server().providers, fixed, asked.login_hint, asked.domain_hint)


def _ask(here: Visit) -> Response:
    form = SignInForm(formdata=None)
    if here.is_confirming and here.person is not None and here.session is not None:
        form.username.data = here.person.username
        form.remember.data = here.session.idle == current_server().settings.remember_idle
    elif here.waiting is not None:
        form.username.data = as_typed(here.waiting.pending.request.login_hint or "")
    return _page(here, form)


def _submit(here: Visit) -> Response:
    # Left to itself Flask-WTF reads files and JSON, too, whose values need not be text.
    form = SignInForm(formdata=request.form)
    login, password = form.username.data or "", form.password.data or ""
    if not login.strip() or not password:
        return _page(here, form, INCOMPLETE)
    remember = bool(form.remember.data)
    if _is_answered(here, login, remember=remember):
        return here.onward()
    try:
        address = request.environ["authserver.address"]
        checked = check(current_server(), login, password, address, presented_device())
        return begin(here, checked, remember=remember)
    except WrongCredentialsError:
        return _page(here, form, WRONG)
    except ThrottledError as error:
        return _page(here, form, throttled(error.retry_after))
    except PasswordsBusyError as error:
        return _page(here, form, error.fault)


def _is_answered(here: Visit, login: str, *, remember: bool) -> bool:
    """Whether another tab has meanwhile signed in the very person who is named, as the request wants it.

    Such a form is no guess and counts as none: ten pages that were opened together may all be sent within a minute.
    """
    if here.waiting is None or here.session is None or here.person is None:
        return False
    if here.step() in {Step.SIGN_IN, Step.SIGN_UP, Step.SELECT_ACCOUNT}:
        return False
    is_remembered = here.session.idle == current_server().settings.remember_idle
    names = {login_key(here.person.username), login_key(here.person.email or "")}
    return login_key(login) in names and (is_remembered or not remember)


def _page(here: Visit, form: SignInForm, fault: Fault | None = None, *, another: bool = False) -> Response:
    server, handle = current_server(), here.waiting.handle if here.waiting else None
    client = here.waiting.client if here.waiting else None
    if request.method == "GET":
        fault = fault or upstream_refusal(server.providers)
    if client is not None and client.provider is not None and client.provider not in server.providers:
        fault = fault or Fault(upstream_fault.sentence("unknown"), values={"label": client.provider})
    page = render_template(
        "accounts/sign_in.html",
        form=form,
        client=client,
        person=here.person,
        providers=[
            (each, url_for("federation.start", name=each.name, request=handle, to=here.to))
            for each in offered(server.providers, client.provider if client else None)
        ],
        action=url_for("accounts.sign_in", request=handle, to=here.to),
        forgot=url_for("accounts.forgot", request=handle),
        sign_up=url_for("accounts.sign_up", request=handle) if server.settings.may_sign_up else None,
        confirming=here.is_confirming and not another,
        fault=fault,
    )
    return answered(page, fault)
