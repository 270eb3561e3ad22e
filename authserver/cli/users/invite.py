"""`authserver users invite`."""

import click

from authserver import people
from authserver.cli import epilog
from authserver.cli.changes import changing
from authserver.cli.context import load_settings, stop
from authserver.cli.users.options import JSON, ROLE, checked_roles, checked_text, say
from authserver.protocol.person.email_address import email_fault
from authserver.protocol.person.username import username_fault
from authserver.store import users
from authserver.store.addresses import LoginError


@click.command(epilog=epilog(("users invite grace@example.com", "users invite grace@example.com --role admin --link")))
@click.argument("email")
@click.option("--username", help="Their username. Default: one made from the address.")
@click.option("--name", help="The full name; they can change it.")
@ROLE
@click.option("--link", "show_link", is_flag=True, help="Print the link instead of mailing it.")
@JSON
def invite(
    email: str, username: str | None, name: str | None, roles: tuple[str, ...], show_link: bool, as_json: bool
) -> None:
    """Invite someone to choose a password: a new person, or one who was added without one.

    Anyone with the link can accept it, once, within AUTHSERVER_INVITE_LIFETIME. A newer one for the address voids it.
    """
    settings = load_settings()
    given, name = checked_roles(settings, roles), None if name is None else checked_text("name", name)
    fault = email_fault(email) or (username_fault(username) if username else None)
    if fault:
        stop(f"{fault}.")
    try:
        with changing(settings) as change:
            known = users.by_email(change.connection, email)
            address = (known.email if known else None) or email
            if known is not None and known.password_hash is not None:
                stop(f"{known.username} already has this address and a password: use `authserver users set-password`.")
            link = people.invite(change, address, username=username, name=name, roles=given, by_mail=not show_link)
    except LoginError as error:
        stop(f"{error}.")
    text = link if show_link else f"An invitation to {address} is in the outbox; the running server will send it."
    say(as_json, text, email=address, **({"link": link} if show_link else {}))
    if not show_link and settings.smtp_host is None:
        click.echo("authserver: AUTHSERVER_SMTP_HOST is not set; nothing will be sent until it is.", err=True)
