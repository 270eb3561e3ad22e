"""A message put together: text and HTML from the same words, to one address, with headers nobody can add to."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from functools import cache, partial
from pathlib import Path
from typing import Any

from babel.support import NullTranslations
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from authserver import times
from authserver.languages import ORIGINAL, translations
from authserver.mail.envelope import POLICY
from authserver.mail.look import look_of
from authserver.protocol.person.email_address import a_labels
from authserver.settings import Settings


def compose(
    settings: Settings, template: str, to: str, now: int, context: dict[str, Any], language: str = ORIGINAL
) -> EmailMessage:
    """The message of a template of templates/mail/, written at `now`, in seconds since the epoch.

    Its times are in the zone of the `user` of the context, who reads it later: none is told as so long ago.
    """
    templates = _templates(settings.templates_dir, language)
    words = templates.get_template(f"mail/{template}.jinja").make_module(
        {"issuer": settings.issuer, "host": settings.product_name or settings.authority, **context}
    )
    look = look_of(settings)
    parts = {"mail": words, "host": settings.authority, "lang": language, **look.words}
    message = EmailMessage(policy=POLICY)
    # One line: what a person calls themselves cannot begin another header.
    message["Subject"] = " ".join(str(words.subject).split())  # type: ignore[attr-defined]
    message["From"] = sender(settings)
    message["To"] = _address("", to)
    message["Date"] = datetime.fromtimestamp(now, UTC)
    message["Message-ID"] = f"<{secrets.token_hex(16)}@{_ascii(settings.host_of_issuer)}>"
    # RFC 3834 §5: no out-of-office notice comes back for it.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(templates.get_template("mail/layout.txt").render(parts))
    message.add_alternative(templates.get_template("mail/layout.html").render(parts), subtype="html")
    look.put_into(message)
    return message


def sender(settings: Settings) -> Address:
    """Who mails are from."""
    name, address = parseaddr(settings.mail_from)
    return _address(name or settings.product_name, address or f"no-reply@{settings.host_of_issuer}")


def routed(address: str) -> str:
    """An address as a mail server takes it: as it was given, the domain in A-labels."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{_ascii(domain)}"


@cache
def _templates(folder: Path | None, language: str) -> Environment:
    folders = [FileSystemLoader(folder)] if folder else []
    environment = Environment(
        loader=ChoiceLoader([*folders, PackageLoader("authserver")]),
        autoescape=lambda name: name is not None and name.endswith(".html"),  # noqa: S701 - words are text; layout.html escapes them
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    texts = translations(language)
    environment.install_gettext_translations(texts, newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update(moment=_moment_in(language), duration=partial(_duration, texts))
    return environment


def _address(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(name, local, _ascii(domain))


def _ascii(domain: str) -> str:
    # IDNA 2008: what the codec of Python has is IDNA 2003, which writes to fass.example for faß.example.
    return a_labels(domain) or domain


def _moment_in(language: str) -> Callable[[Context, int], str]:
    @pass_context
    def moment(context: Context, seconds: int) -> str:
        user = context.get("user")
        return times.exactly(seconds, language, times.zone(user.profile["zoneinfo"]) if user else None)

    return moment


def _duration(texts: NullTranslations, seconds: int) -> str:
    if seconds % 86400 == 0:
        return _counted(texts.ngettext("%(num)d day", "%(num)d days", seconds // 86400), seconds // 86400)
    if seconds % 3600 == 0:
        return _counted(texts.ngettext("%(num)d hour", "%(num)d hours", seconds // 3600), seconds // 3600)
    minutes = -(-seconds // 60)
    return _counted(texts.ngettext("%(num)d minute", "%(num)d minutes", minutes), minutes)


def _counted(text: str, count: int) -> str:
    return text % {"num": count}
