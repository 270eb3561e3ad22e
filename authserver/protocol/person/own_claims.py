"""Claims about a person that an administrator declares, beside those of OpenID Connect Core §5.1.

https://openid.net/specs/openid-connect-core-1_0.html#AdditionalClaims
"""

import re
from dataclasses import dataclass
from typing import Any, Literal

from authserver.protocol.person.profile import line_fault, tidy
from authserver.protocol.words import marked

OwnType = Literal["string", "integer", "boolean", "list"]
LONGEST, MOST = 500, 50
# RFC 8259 §6: whole numbers that every reader of JSON agrees on.
_LARGEST = 2**53 - 1
_WHOLE = re.compile(r"-?[0-9]{1,16}")


@dataclass(frozen=True, slots=True)
class OwnClaim:
    """One of them. `sentence` says on the consent page what its scope lets a client see; a list holds texts."""

    name: str
    scope: str
    sentence: str
    label: str
    type: OwnType = "string"
    changed_by: Literal["person", "administrator"] = "administrator"

    def fault(self, value: object) -> str | None:
        """Why this value cannot stand there, or None."""
        match self.type:
            case "string":
                return _text_fault(value)
            case "integer":
                # In Python, True is a number.
                is_whole = type(value) is int and abs(value) <= _LARGEST
                return None if is_whole else marked("Enter a whole number.")
            case "boolean":
                return None if isinstance(value, bool) else marked("Enter true or false.")
            case "list":
                if not isinstance(value, list) or not 1 <= len(value) <= MOST:
                    return marked("Enter a list of 1 to 50 texts.")
                return next(filter(None, map(_text_fault, value)), None)

    def typed(self, text: str, between: str = "\n") -> Any:
        """The value that a text says, which is still to be checked; None for nothing. Lists are split `between`."""
        kept = tidy(text, len(text))
        match self.type:
            case "integer" if kept and _WHOLE.fullmatch(kept):
                return int(kept)
            case "boolean" if kept in {"true", "false"}:
                return kept == "true"
            case "list":
                return [each for part in text.split(between) if (each := tidy(part, len(part)))] or None
        return kept

    def written(self, value: Any) -> str:
        """The text that says a value, as `typed` reads it."""
        match value:
            case None:
                return ""
            case bool():
                return "true" if value else "false"
            case list():
                return "\n".join(value)
        return str(value)


def _text_fault(value: object) -> str | None:
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST:
        return marked("Enter a text of at most 500 characters.")
    return line_fault(value)
