"""What an administrator does to a person by a button: each act, and the permission that it takes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask import request

from authserver import people
from authserver.admin.administrator import Administrator
from authserver.admin.typed import typed
from authserver.http import limits
from authserver.pages.current import current_server
from authserver.pages.fault import Fault, too_many_mails
from authserver.people import Change
from authserver.people.factors.reset import FactorReset
from authserver.protocol.person.login_name import login_key
from authserver.protocol.words import marked
from authserver.store.addresses import LoginError
from authserver.store.users import User


class NotDoneError(Exception):
    """An act that is not done; the fault says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Done:
    """An act that was done, by the name under which the page says so; `made` is shown once, and never in an address."""

    name: str
    made: FactorReset | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """One act, with the permission of the management API that does the same. `do` raises NotDoneError.

    `ahead` is asked before its transaction, which no limit that is counted elsewhere may hold open; it raises likewise.
    `changes`: done to the person as they were seen, and they are another version then.
    """

    permission: str
    do: Callable[[Administrator, Change, User], Done]
    ahead: Callable[[User], None] | None = None
    changes: bool = True


DELETED = "deleted"
EXPORTED = "exported"
NOT_TO_GIVE = Fault(marked("You may not give one of these."), 403)
UNSURE = Fault(marked("Check the box to confirm."))
NO_PASSWORD = Fault(marked("This person has no password yet. Send an invitation instead."))
NO_ADDRESS = Fault(marked("This person has no confirmed email address to send it to."))
IS_DISABLED = Fault(marked("This account is disabled. Enable it first."))
LAST_ADMINISTRATOR = Fault(
    marked("Nobody else has full access here. Give somebody else a role with admin:all first."), 409
)
NOT_LINKED = Fault(marked("This sign-in is no longer linked."), 404)
LAST_WAY_IN = Fault(
    marked("This is the person’s only way to sign in. Send them an invitation to choose a password first."), 409
)
NOT_YOURSELF = Fault(marked("You can’t do this to your own account."))


def _roles(administrator: Administrator, change: Change, user: User) -> Done:
    wanted = _wanted("role", user.roles, current_server().registry.roles)
    if administrator.beyond(wanted, user.groups):
        raise NotDoneError(NOT_TO_GIVE)
    _keep_one(change, user, wanted, user.groups)
    people.set_roles(change, user, wanted, end=request.form.get("end") == "y")
    return Done("roles")


def _groups(administrator: Administrator, change: Change, user: User) -> Done:
    wanted = _wanted("group", user.groups, current_server().registry.groups)
    if administrator.beyond(user.roles, wanted):
        raise NotDoneError(NOT_TO_GIVE)
    _keep_one(change, user, user.roles, wanted)
    people.set_groups(change, user, wanted, end=request.form.get("end") == "y")
    return Done("groups")


def _keep_one(change: Change, user: User, roles: Iterable[str] = (), groups: Iterable[str] = ()) -> None:
    if people.leaves_nobody(change, current_server().registry, user, roles=roles, groups=groups):
        raise NotDoneError(LAST_ADMINISTRATOR)


def _wanted(field: str, kept: Iterable[str], declared: Iterable[str]) -> tuple[str, ...]:
    """The names that are checked, of those that are declared or that the person has already."""
    known = {*declared, *kept}
    return tuple(sorted({name for name in request.form.getlist(field) if name in known}))


def _disable(administrator: Administrator, change: Change, user: User) -> Done:
    if user.sub == administrator.person.sub:
        raise NotDoneError(NOT_YOURSELF)
    _keep_one(change, user)
    people.disable(change, user)
    return Done("disabled")


def _enable(_administrator: Administrator, change: Change, user: User) -> Done:
    people.enable(change, user)
    return Done("enabled")


def _unlock(_administrator: Administrator, change: Change, user: User) -> Done:
    people.unlock(change, user)
    return Done("unlocked")


def _remove_picture(_administrator: Administrator, change: Change, user: User) -> Done:
    people.change_profile(change, user, {"picture": None})
    return Done("picture")


def _end_session(_administrator: Administrator, change: Change, user: User) -> Done:
    people.end_session(change, user, typed(request.form, "sid"))
    return Done("sessions")


def _end_sessions(_administrator: Administrator, change: Change, user: User) -> Done:
    people.end_sessions(change, user)
    return Done("sessions")


def _withdraw(_administrator: Administrator, change: Change, user: User) -> Done:
    people.withdraw(change, user, typed(request.form, "client_id"))
    return Done("withdrawn")


def _invite(_administrator: Administrator, change: Change, user: User) -> Done:
    if user.disabled_at is not None:
        raise NotDoneError(IS_DISABLED)
    try:
        people.invite(change, user.email or "", username=None, name=None, roles=(), by_mail=True)
    except LoginError:
        raise NotDoneError(Fault(marked("This person has a password already."))) from None
    return Done("invited")


def _may_be_mailed(user: User) -> str:
    """The address that a link to reset the password can go to. Raises NotDoneError where there is none."""
    if user.password_hash is None or user.disabled_at is not None:
        raise NotDoneError(NO_PASSWORD if user.password_hash is None else IS_DISABLED)
    if user.email is None or not user.email_verified:
        raise NotDoneError(NO_ADDRESS)
    return user.email


def _count_reset(user: User) -> None:
    _may_be_mailed(user)
    server, address = current_server(), request.environ["authserver.address"]
    # The person's own requests and these fill one mailbox: they are counted together.
    wait = limits.hit_mail(server.limiter, server.settings, "reset", login_key(user.username), address)
    if wait:
        raise NotDoneError(too_many_mails(wait))


def _reset_password(_administrator: Administrator, change: Change, user: User) -> Done:
    people.request_reset(change, user, _may_be_mailed(user))
    return Done("reset")


def _reset_factors(_administrator: Administrator, change: Change, user: User) -> Done:
    made = people.request_factor_reset(change, user)
    if made is None:
        raise NotDoneError(Fault(marked("This person has no second factor.")))
    return Done("factors", made)


def _delete(administrator: Administrator, change: Change, user: User) -> Done:
    if user.sub == administrator.person.sub:
        raise NotDoneError(NOT_YOURSELF)
    if request.form.get("sure") != "y":
        raise NotDoneError(UNSURE)
    _keep_one(change, user)
    people.delete(change, user)
    return Done(DELETED)


def _unlink(_administrator: Administrator, change: Change, user: User) -> Done:
    providers = current_server().providers
    user, found = people.held(change, user)
    chosen = next((each for each in found if people.id_of(each) == request.form.get("identity")), None)
    if chosen is None:
        raise NotDoneError(NOT_LINKED)
    if people.is_last_way_in(user, chosen, found, providers.keys()):
        raise NotDoneError(LAST_WAY_IN)
    provider = providers.get(chosen.provider)
    people.unlink(change, user, chosen, label=provider.label if provider else chosen.provider)
    return Done("unlinked")


def _export(_administrator: Administrator, change: Change, user: User) -> Done:
    people.export(change, user)
    return Done(EXPORTED)


_WRITE = "write:users"
ACTS = {
    "roles": Act(_WRITE, _roles),
    "groups": Act(_WRITE, _groups),
    "disable": Act(_WRITE, _disable),
    "enable": Act(_WRITE, _enable),
    "unlock": Act(_WRITE, _unlock),
    "remove_picture": Act(_WRITE, _remove_picture),
    "end_session": Act(_WRITE, _end_session),
    "end_sessions": Act(_WRITE, _end_sessions),
    "withdraw": Act(_WRITE, _withdraw),
    "invite": Act(_WRITE, _invite),
    "reset_password": Act(_WRITE, _reset_password, _count_reset),
    "reset_factors": Act(_WRITE, _reset_factors),
    "unlink": Act(_WRITE, _unlink),
    "delete": Act("delete:users", _delete),
    "export": Act("export:users", _export, changes=False),
}
