"""A valid request to each endpoint, to be spoilt in one place."""

import re
from dataclasses import replace

from authserver.protocol.management import PATH
from authserver.protocol.request.authorization_request import PUSHED
from tests.adversary import devices, grants
from tests.adversary.administration import administrators
from tests.adversary.request import Make, Valid
from tests.adversary.sent import Sent, send
from tests.adversary.spoil import Pairs
from tests.adversary.target import CLIENT, URI, VERIFIER, Browser, Target, pairs_of
from tests.flows.assertions import JWT_BEARER, assertion, request_object
from tests.flows.page import read
from tests.flows.registry import REPORTS, SECRETS
from tests.flows.relying_party import basic, challenge_of

VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")


def _authorize(_target: Target) -> Valid:
    parameters = {
        "response_type": "code",
        "client_id": CLIENT,
        "redirect_uri": URI,
        "scope": "openid profile email offline_access",
        "state": "st<a>te",
        "nonce": "nonce",
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
        "prompt": "consent",
        "max_age": "100000",
        "login_hint": "ada@example.com",
        "response_mode": "query",
        "resource": REPORTS,
        "ui_locales": "en",
        "display": "page",
        "acr_values": "1",
    }
    return Valid(query=pairs_of(parameters), browser="signed in")


def _authorize_with_hint(target: Target) -> Valid:
    hinted = pairs_of({"id_token_hint": target.tokens["id_token"]})
    valid = _authorize(target)
    return replace(valid, query=[*(pair for pair in valid.query if pair[0] != b"prompt"), *hinted])


def _authorize_at_once(mode: str) -> Make:
    """A request that asks the person nothing, and is answered with a code."""
    parameters = {
        "response_type": "code",
        "client_id": "intranet",
        "redirect_uri": "https://intranet.example.com/callback",
        "scope": "openid",
        "state": '"><script>zq</script>',
        "nonce": "nonce",
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
        "prompt": "none",
        "response_mode": mode,
    }
    return lambda _target: Valid(query=pairs_of(parameters), browser="signed in")


def _posted_authorize(target: Target) -> Valid:
    return Valid(body=_authorize(target).query, browser="signed in")


def _code(target: Target) -> Valid:
    parameters = {
        "grant_type": "authorization_code",
        "code": target.code()[1],
        "redirect_uri": URI,
        "code_verifier": VERIFIER,
        "resource": REPORTS,
    }
    return Valid(body=pairs_of(parameters), authorization=target.credentials)


def _refresh(target: Target) -> Valid:
    parameters = {
        "grant_type": "refresh_token",
        "refresh_token": target.refresh_token(),
        "scope": "openid",
        "resource": REPORTS,
        "client_id": CLIENT,
    }
    return Valid(body=pairs_of(parameters), authorization=target.credentials)


def _service(_target: Target) -> Valid:
    parameters = {
        "grant_type": "client_credentials",
        "client_id": "importer",
        "client_secret": SECRETS["importer"],
        "resource": REPORTS,
    }
    return Valid(body=pairs_of(parameters))


def _pushed(target: Target) -> Valid:
    return Valid(body=_authorize(target).query, authorization=target.credentials)


def _authorize_pushed(target: Target) -> Valid:
    parameters = {"client_id": CLIENT, "request_uri": PUSHED + target.pushed()}
    return Valid(query=pairs_of(parameters), browser="signed in")


def _authorize_signed(target: Target) -> Valid:
    provider = target.provider
    made = request_object(provider.client("vault").ask(), provider.issuer, provider.clock.now)
    parameters = {"client_id": "vault", "redirect_uri": "https://vault.example.com/callback", "request": made}
    return Valid(query=pairs_of(parameters), browser="signed in")


def _asserted(target: Target) -> Valid:
    made = assertion("vault", target.provider.issuer, target.provider.clock.now)
    parameters = {
        "grant_type": "client_credentials",
        "client_id": "vault",
        "client_assertion_type": JWT_BEARER,
        "client_assertion": made,
    }
    return Valid(body=pairs_of(parameters))


def _token(name: str, authorization: str) -> Make:
    return lambda target: Valid(
        body=pairs_of({"token": target.tokens[name], "token_type_hint": name}), authorization=authorization
    )


def _revoke(target: Target) -> Valid:
    return Valid(body=pairs_of({"token": target.refresh_token()}), authorization=target.credentials)


def _userinfo(target: Target) -> Valid:
    return Valid(authorization=f"Bearer {target.tokens['access_token']}")


def _sign_in(target: Target) -> Valid:
    return Valid(query=pairs_of({"request": target.handle()}), body=pairs_of(target.password_form), browser="anonymous")


def _choose(target: Target) -> Valid:
    chosen = {"csrf_token": target.csrf_token, "account": target.session[1].sid}
    return Valid(query=pairs_of({"request": target.handle()}), body=pairs_of(chosen), browser="signed in")


def _consent(target: Target) -> Valid:
    return Valid(
        query=pairs_of({"request": target.handle(), "session": target.session[1].sid}),
        body=pairs_of({"csrf_token": target.csrf_token, "decision": "allow"}),
        browser="signed in",
    )


def _waiting(target: Target) -> Valid:
    return Valid(query=pairs_of({"request": target.handle(), "another": "1"}), browser="anonymous")


def _form(target: Target) -> Valid:
    return Valid(body=pairs_of({"csrf_token": target.csrf_token}), browser="anonymous")


def _logout(target: Target) -> dict[str, str]:
    return {
        "id_token_hint": target.tokens["id_token"],
        "client_id": CLIENT,
        "post_logout_redirect_uri": "https://portal.example.com/",
        "state": "st<a>te",
        "logout_hint": "ada",
        "ui_locales": "en",
    }


def _end_session(target: Target) -> Valid:
    # Signed out, so that no request ends the session of the others.
    return Valid(query=pairs_of(_logout(target)), browser="anonymous")


def _ask_to_end(target: Target) -> Valid:
    kept = {name: value for name, value in _logout(target).items() if name != "id_token_hint"}
    return Valid(query=pairs_of(kept), browser="signed in")


def _posted_end_session(target: Target) -> Valid:
    return Valid(body=pairs_of(_logout(target)), browser="anonymous")


def _confirmed(target: Target) -> Valid:
    kept = _logout(target) | {"csrf_token": target.csrf_token, "decision": "sign-out"}
    return Valid(body=pairs_of(kept), browser="anonymous")


REPORTS_API = basic("reports", SECRETS["reports"])
VALID: dict[tuple[str, str], tuple[Make, ...]] = {
    ("GET", "/authorize"): (
        _authorize,
        _authorize_with_hint,
        _authorize_pushed,
        _authorize_signed,
        _authorize_at_once("query"),
        _authorize_at_once("form_post"),
    ),
    ("POST", "/authorize"): (_posted_authorize,),
    ("POST", "/par"): (_pushed, grants.with_key(_pushed)),
    ("GET", "/authorize/<handle>"): (lambda _target: Valid(browser="signed in"),),
    ("POST", "/token"): (
        *(_code, _refresh, _service, _asserted, lambda target: Valid(body=devices.polled(target))),
        *(
            grants.exchanged,
            grants.workload,
            grants.bound(_code),
            grants.bound(_refresh),
            grants.bound(grants.workload),
        ),
    ),
    ("POST", "/register"): (grants.registers,),
    ("GET", "/register/<client_id>"): (grants.manages,),
    ("PUT", "/register/<client_id>"): (grants.replaces,),
    ("DELETE", "/register/<client_id>"): (grants.manages,),
    ("POST", "/device_authorization"): (lambda _target: Valid(body=devices.asked()),),
    ("GET", "/device"): (lambda target: Valid(query=devices.linked(target), browser="anonymous"),),
    ("POST", "/device"): (lambda target: Valid(body=devices.typed(target), browser="anonymous"),),
    ("POST", "/introspect"): (_token("access_token", REPORTS_API), _token("id_token", REPORTS_API)),
    ("POST", "/revoke"): (_revoke,),
    ("GET", "/userinfo"): (_userinfo,),
    ("POST", "/userinfo"): (_userinfo,),
    ("GET", "/sign-in"): (_waiting,),
    ("POST", "/sign-in"): (_sign_in, _choose),
    ("GET", "/sign-in/factor"): (lambda _target: Valid(browser="halfway"),),
    ("POST", "/sign-in/factor"): (grants.second_factor,),
    ("POST", "/sign-out"): (_form,),
    ("GET", "/consent"): (_consent,),
    ("POST", "/consent"): (_consent,),
    ("GET", "/refused"): (_waiting,),
    ("POST", "/refused"): (_consent,),
    ("GET", "/end_session"): (_end_session, _ask_to_end),
    ("POST", "/end_session"): (_posted_end_session,),
    ("POST", "/end_session/confirmed"): (_confirmed,),
}


def valid_requests(method: str, rule: str) -> tuple[Make, ...]:
    """Valid requests to an endpoint; to one that is not known here by a signed-in browser, with what its page shows."""
    if (known := VALID.get((method, rule))) is not None:
        return known

    def shown(target: Target) -> Valid:
        return Valid(body=_shown(target, rule) if method == "POST" else [], browser="signed in")

    return (administrators(method, rule, shown) or shown,)


def _shown(target: Target, rule: str) -> Pairs:
    """The fields of the forms that the page of this rule sends to itself, filled in."""
    if rule not in target.shown:
        path = path_of(rule, target)
        browser: Browser = "administrator" if rule.startswith("/admin") else "signed in"
        answer = send(target.provider.app, Sent("GET", path, headers={"HTTP_COOKIE": target.cookie(browser)}))
        forms = read(answer.get_data(as_text=True)).forms if answer.mimetype == "text/html" else []
        own = [form for form in forms if form.method == "post" and form.action in ("", path)]
        fields = {name: value for form in own for name, value in form.fields.items()}
        filled = {name: value or "x" for name, value in fields.items()}
        target.shown[rule] = pairs_of({"csrf_token": target.csrf_token} | filled)
    return target.shown[rule]


def path_of(rule: str, target: Target) -> str:
    """The path of a rule with its variable parts filled in by something that is alive."""
    names = sorted(target.provider.app.server.registry.providers)

    def fill(part: re.Match[str]) -> str:
        match part[1]:
            case "handle":
                return target.handle()
            case "client_id":
                return str(target.registered["client_id"])
            case "sub" if rule.startswith(("/admin", PATH)):
                return target.person
            case "number":
                return "1"
            case "role_name":
                return "user"
            case "name" if rule == "/admin/mail/letters/<name>":
                return "invite"
            case "name" if names:
                return names[0]
        return "x"

    return VARIABLE.sub(fill, rule)
