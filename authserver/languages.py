"""The languages of pages and mails, and which one a person is spoken to in.

RFC 4647 §3.4 (the first language tag that fits, cut from its end). https://www.rfc-editor.org/rfc/rfc4647#section-3.4
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from babel.support import NullTranslations, Translations

FOLDER = Path(__file__).parent / "translations"
# English is what the texts are written in; the others are the folders of `translations`.
ORIGINAL = "en"
AVAILABLE = (ORIGINAL, *sorted(path.name for path in FOLDER.iterdir() if (path / "LC_MESSAGES").is_dir()))


def choose(wanted: Iterable[str | None], default: str) -> str:
    """The first of the wanted language tags that there is, or a wider one of it; without any, the default."""
    by_name = {name.casefold(): name for name in AVAILABLE}
    for tag in wanted:
        parts = (tag or "").casefold().replace("_", "-").split("-")
        for length in range(len(parts), 0, -1):
            found = by_name.get("-".join(parts[:length]))
            if found:
                return found
    return default


@cache
def translations(language: str) -> NullTranslations:
    """The texts of a language."""
    return Translations.load(str(FOLDER), [language]) if language != ORIGINAL else NullTranslations()
