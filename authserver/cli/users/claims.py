"""`authserver users claims`."""

from typing import Any

import click

from authserver import people
from authserver.cli import epilog
from authserver.cli.changes import changing, held
from authserver.cli.context import load_settings, stop
from authserver.cli.users.options import JSON, LOGIN, known_claims, read_claims, say


@click.command(epilog=epilog(("users claims ada", "users claims ada --set department=Finance --unset floor")))
@LOGIN
@click.option("--set", "given", multiple=True, metavar="NAME=VALUE", help="Set this claim; repeatable.")
@click.option("--unset", "gone", multiple=True, metavar="NAME", help="Take this claim away; repeatable.")
@JSON
def claims(login: str, given: tuple[str, ...], gone: tuple[str, ...], as_json: bool) -> None:
    """Change the claims of a person that clients.yaml declares under `claims`; without options, list them.

    The strings of a list are separated by commas. What clients.yaml no longer declares stays until it is unset. The
    person is told by mail.
    """
    settings = load_settings()
    known = known_claims(settings)
    values: dict[str, Any] = read_claims(settings, given)
    if both := sorted({*values} & {*gone}):
        stop(f"{both[0]!r} can be set or unset, not both")
    with changing(settings) as change:
        user = held(change, login)
        unknown = [name for name in gone if name not in known.own and name not in user.claims]
        if unknown:
            stop(f"{user.username} has no claim {unknown[0]!r}")
        values |= dict.fromkeys(gone)
        is_changed = people.change_profile(change, user, {}, values, known)
    after = {name: value for name, value in {**user.claims, **values}.items() if value is not None}
    lines = [f"{name}: {known.own[name].written(after[name])!r}" if name in known.own else name for name in after]
    text = f"{user.username} has the claims: {', '.join(lines) or 'none'}."
    say(as_json, text, sub=user.sub, claims=after, undeclared_claims=known.undeclared(after), changed=is_changed)
