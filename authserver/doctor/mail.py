"""Whether the mail server takes letters from this one: a whole conversation with it, but for the letter."""

import smtplib
from contextlib import suppress

from authserver.doctor.diagnosis import Diagnoses, fault, ok, warning
from authserver.mail.smtp import open_smtp, words
from authserver.settings import Settings
from authserver.store.outbox import MOST_COUNTED

ACCEPTED = 250


def mail(settings: Settings, sender: str, waiting: int) -> Diagnoses:
    """`sender` is the address that letters come from; `waiting` of them are in the outbox, as far as is known."""
    if settings.smtp_host is None:
        yield warning(
            "mail",
            "no mail server is set: letters wait, and after a while they are dropped",
            "set AUTHSERVER_SMTP_HOST",
        )
        return
    if (why := _refused(settings, sender)) is not None:
        yield fault(
            "mail",
            f"{settings.smtp_host}: {why}",
            "mend AUTHSERVER_SMTP_… or AUTHSERVER_MAIL_FROM, or have the mail server take letters from here",
        )
        return
    yield ok("mail", f"{settings.smtp_host} takes letters from {sender}")
    if waiting:
        yield warning(
            "mail",
            f"{waiting}{' or more' if waiting >= MOST_COUNTED else ''} "
            f"{'letter waits' if waiting == 1 else 'letters wait'} to be sent",
            "if that lasts, look for mail: in the log",
        )


def _refused(settings: Settings, sender: str) -> str | None:
    try:
        smtp = open_smtp(settings)
    except (smtplib.SMTPException, OSError) as error:
        return words(error)
    try:
        smtp.ehlo_or_helo_if_needed()
        # Up to the recipient, which would be somebody.
        code, said = smtp.mail(sender)
        smtp.rset()
    except (smtplib.SMTPException, OSError) as error:
        return words(error)
    finally:
        with suppress(smtplib.SMTPException, OSError):
            smtp.quit()
        smtp.close()
    return None if code == ACCEPTED else f"{code} {said.decode(errors='replace')[:200]} (the sender {sender})"
