"""The languages of pages and mails, and which one a person is spoken to in.

RFC 4647 §3.4 (the first language tag that fits, cut from its end). https://www.rfc-editor.org/rfc/rfc4647#section-3.4
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from babel import negotiate_locale
from babel.support import NullTranslations, Translations

FOLDER = Path(__file__).parent / "translations"
# English is what the texts are written in; the others are the folders of `translations`.
ORIGINAL = "en"
AVAILABLE = (ORIGINAL, *sorted(path.name for path in FOLDER.iterdir() if (path / "LC_MESSAGES").is_dir()))


def choose(wanted: Iterable[str | None], default: str) -> str:
    """The first of the wanted language tags that there is, or a wider one of it; without any, the default."""
    names = {_tag(name): name for name in AVAILABLE}
    found = negotiate_locale([_tag(tag or "") for tag in wanted], names, sep="-")
    return names[found] if found else default


def _tag(name: str) -> str:
    return name.casefold().replace("_", "-")


@cache
def translations(language: str) -> NullTranslations:
    """The texts of a language."""
    return Translations.load(str(FOLDER), [language]) if language != ORIGINAL else NullTranslations()
