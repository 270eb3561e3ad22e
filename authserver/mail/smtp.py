"""One connection to the mail server, and what its refusals mean.

RFC 5321 §4.2.1 (a 5xx is final, a 4xx passes), RFC 8314 (TLS). https://www.rfc-editor.org/rfc/rfc5321
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage

from authserver.outbox.kind import AwayError, LaterError, UndeliverableError
from authserver.settings import Settings


class Carrier:
    """An open connection."""

    def __init__(self, smtp: smtplib.SMTP) -> None:
        self._smtp = smtp

    def send(self, message: EmailMessage, recipient: str) -> None:
        """Hand over one message to one recipient, whatever its headers can be read to say.

        Raises AwayError, LaterError or UndeliverableError.
        """
        try:
            self._smtp.send_message(message, to_addrs=[recipient])
        except smtplib.SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            raise _refusal(code, text) from None
        except smtplib.SMTPDataError as error:
            raise _refusal(error.smtp_code, error.smtp_error) from None
        except (smtplib.SMTPNotSupportedError, UnicodeError):
            raise UndeliverableError("the mail server does not support such an address") from None
        except (smtplib.SMTPException, OSError) as error:
            # A refused sender is a fault of the settings: the message can pass once they are right.
            raise AwayError(words(error)) from None


@contextmanager
def connected(settings: Settings) -> Iterator[Carrier]:
    """A connection, encrypted and signed in as the settings say. Raises AwayError."""
    try:
        smtp = open_smtp(settings)
    except (smtplib.SMTPException, OSError) as error:
        raise AwayError(words(error)) from None
    try:
        yield Carrier(smtp)
    finally:
        with suppress(smtplib.SMTPException, OSError):
            smtp.quit()
        smtp.close()


def open_smtp(settings: Settings) -> smtplib.SMTP:
    """A conversation begun, encrypted and signed in. Raises SMTPException and OSError, which `words` puts in words."""
    host, port, timeout = settings.smtp_host or "", settings.smtp_port, settings.smtp_timeout
    name = settings.host_of_issuer
    context = ssl.create_default_context()
    smtp = (
        smtplib.SMTP_SSL(host, port, name, timeout=timeout, context=context)
        if settings.smtp_security == "tls"
        else smtplib.SMTP(host, port, name, timeout=timeout)
    )
    try:
        if settings.smtp_security == "starttls":
            # Raises where the server does not offer it: there is no falling back to clear text.
            smtp.starttls(context=context)
        if settings.smtp_user is not None and settings.smtp_password is not None:
            smtp.login(settings.smtp_user, settings.smtp_password.get_secret_value())
    except BaseException:
        smtp.close()
        raise
    return smtp


def _refusal(code: int, text: bytes | str) -> UndeliverableError | LaterError:
    said = f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"[:300]
    return UndeliverableError(said) if 500 <= code < 600 else LaterError(said)


def words(error: Exception) -> str:
    """What a mail server or the way to it said, on one line."""
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        return f"{error.smtp_code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"[:300]
    return (getattr(error, "strerror", None) or str(error) or "the connection failed")[:300]
