"""What several commands take and say. What only some of them need is imported with the first use."""

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

import click
from click.shell_completion import CompletionItem

from authserver.cli.clients_file import load_by
from authserver.cli.completion import complete_login
from authserver.cli.context import stop
from authserver.cli.terminal import harmless
from authserver.clients.file.faults import ClientsFileError, did_you_mean
from authserver.protocol.client.registry import Registry
from authserver.protocol.person.claims import FIELDS, value_fault
from authserver.protocol.person.known_claims import STANDARD, KnownClaims
from authserver.settings import Settings

if TYPE_CHECKING:
    from authserver.people import Change
    from authserver.store.users import User


def complete_role(_ctx: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """The roles of clients.yaml that begin as typed."""
    try:
        registry = registry_of(Settings())
    except Exception:
        registry = None
    return [CompletionItem(role) for role in sorted(registry.roles if registry else ()) if role.startswith(typed)]


def complete_group(_ctx: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """The groups of clients.yaml that begin as typed."""
    try:
        registry = registry_of(Settings())
    except Exception:
        registry = None
    return [CompletionItem(group) for group in sorted(registry.groups if registry else ()) if group.startswith(typed)]


LOGIN = click.argument("login", shell_complete=complete_login)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON; times are seconds since the epoch.")
ROLE = click.option(
    "--role",
    "roles",
    multiple=True,
    shell_complete=complete_role,
    help="A role from clients.yaml; repeatable. Default: the default role.",
)
STDIN = click.option(
    "--password-stdin", is_flag=True, help="Read the password from one line of standard input instead of asking."
)


def profile_options(command: Callable[..., None]) -> Callable[..., None]:
    """An option for each text of a profile, and one for each thing that is so or not."""
    for name, field in reversed(FIELDS.items()):
        help_text = f"{field.label}. {field.note}".strip()
        command = click.option(option_of(name), name, is_flag=field.type == "boolean", help=help_text)(command)
    return command


def option_of(name: str) -> str:
    """The option for a field of a profile."""
    return f"--{name.replace('_', '-')}"


def checked_text(name: str, given: str) -> str:
    """The text that an option gives for a field of a profile; where it will not do, the command ends."""
    field = FIELDS[name]
    text = field.clean(given) if field.clean else given
    if not (1 <= len(text) <= field.length):
        stop(f"{option_of(name)} takes 1 to {field.length} characters.")
    if fault := value_fault(field, text):
        stop(f"{option_of(name)}: {fault}")
    return text


def say(as_json: bool, *lines: str, **fields: Any) -> None:
    """Lines for a person, or one object for a program."""
    click.echo(json.dumps(fields) if as_json else "\n".join(map(harmless, lines)))


def described(user: "User") -> dict[str, Any]:
    """A person as JSON; without the hash of the password."""
    return {
        "username": user.username,
        "sub": user.sub,
        "email": user.email,
        "email_verified": user.email_verified,
        **user.profile,
        "roles": list(user.roles),
        "mapped_roles": [asdict(each) for each in user.mapped],
        "groups": list(user.groups),
        "claims": dict(user.claims),
        "has_password": user.password_hash is not None,
        "updated_at": user.updated_at,
        "disabled_at": user.disabled_at,
    }


def ask_password(settings: Settings, from_stdin: bool, *personal: str | None) -> str:
    """A new password that keeps to the rules, or the command ends with every one that it breaks."""
    from authserver.protocol.person.password_rules import text
    from authserver.signin import new_password
    from authserver.signin.password import MAX_LENGTH

    if from_stdin:
        # One line as it is: spaces count, the line's end does not.
        password = _line().removesuffix("\n").removesuffix("\r")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    if not 1 <= len(password) <= MAX_LENGTH:
        stop(f"a password has 1 to {MAX_LENGTH} characters.")
    faults = new_password.check(settings, password, *personal)
    if faults:
        stop("the password must meet these rules:", *(f"  {text(fault, settings.password_policy)}" for fault in faults))
    return password


def _line() -> str:
    try:
        line = sys.stdin.readline()
        # By some locales, bytes that are no UTF-8 come as halves of surrogates: no browser can send them.
        line.encode()
    except UnicodeError:
        stop("the password is not UTF-8.")
    return line


def registry_of(settings: Settings) -> Registry | None:
    """What clients.yaml declares, or None where it cannot be loaded."""
    try:
        return load_by(settings, settings.clients_file).registry
    except ClientsFileError:
        return None


def warn_of_nobody(
    settings: Settings, change: "Change", user: "User", roles: Iterable[str] = (), groups: Iterable[str] = ()
) -> None:
    """Say so where nobody would be left who may do everything: whoever runs this can give it again, and nobody else."""
    from authserver import people

    registry = registry_of(settings)
    if registry is not None and people.leaves_nobody(change, registry, user, roles=roles, groups=groups):
        click.echo(
            "authserver: warning: nobody is left who has full access (admin:all); `authserver users roles` can give "
            "somebody such a role.",
            err=True,
        )


def known_claims(settings: Settings) -> KnownClaims:
    """The claims that clients.yaml knows; the standard ones where it cannot be loaded."""
    registry = registry_of(settings)
    return registry.known if registry is not None else STANDARD


def read_claims(settings: Settings, given: Iterable[str]) -> dict[str, Any]:
    """Claims out of NAME=VALUE, or the command ends with what is wrong with one."""
    known, values = known_claims(settings).own, {}
    for each in given:
        name, _, text = each.partition("=")
        if name not in known:
            stop(f"{name!r} is not a claim in {settings.clients_file}{did_you_mean(name, known)}")
        values[name] = known[name].typed(text, between=",")
        if fault := known[name].fault(values[name]):
            stop(f"{name}: {fault}")
    return values


def checked_groups(settings: Settings, groups: Iterable[str]) -> tuple[str, ...]:
    """These groups, where clients.yaml has them all."""
    return _declared(settings, "group", groups)


def checked_roles(settings: Settings, roles: Iterable[str]) -> tuple[str, ...]:
    """These roles, where clients.yaml has them all."""
    return _declared(settings, "role", roles)


def default_roles(settings: Settings) -> tuple[str, ...]:
    """The default role of clients.yaml, if any."""
    registry = registry_of(settings)
    return registry.default_roles if registry is not None else ()


def _declared(settings: Settings, kind: Literal["role", "group"], names: Iterable[str]) -> tuple[str, ...]:
    given = tuple(names)
    if not given:
        return given
    registry = registry_of(settings)
    if registry is None:
        click.echo(f"authserver: {settings.clients_file} cannot be loaded, so {kind}s were not checked.", err=True)
        return given
    declared = registry.roles if kind == "role" else registry.groups
    for name in given:
        if name not in declared:
            stop(f"{name!r} is not a {kind} in {settings.clients_file}{did_you_mean(name, declared)}")
    return given
