"""The texts that people read, as `make translations` collects them."""

import re
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
TRANSLATIONS = ROOT / "authserver" / "translations"
METHODS = [
    ("authserver/**.py", "python"),
    ("authserver/templates/**.html", "jinja2"),
    ("authserver/templates/**.jinja", "jinja2"),
    ("authserver/templates/**.txt", "jinja2"),
]
KEYWORDS = DEFAULT_KEYWORDS | {"marked": None, "Fault": None, "ShownError": (2,)}
LANGUAGES = sorted(path.name for path in TRANSLATIONS.iterdir() if path.is_dir())


def collected() -> set[str]:
    """Every text in the code and the templates; of one with a plural the singular."""
    found = extract_from_dir(ROOT, METHODS, keywords=KEYWORDS)
    return {text[0] if isinstance(text, tuple) else text for _, _, text, _, _ in found if text}


def catalog(language: str) -> Catalog:
    """What has been translated."""
    with (TRANSLATIONS / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


@dataclass(frozen=True, slots=True)
class Translated:
    """A text and its translations: several where it has a plural."""

    original: str
    texts: tuple[str, ...]
    is_fuzzy: bool


def translations_of(language: str) -> list[Translated]:
    """All but the header."""
    found = []
    for message in catalog(language):
        original = message.id if isinstance(message.id, str) else message.id[0]
        texts = (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))
        if original:
            found.append(Translated(original, texts, message.fuzzy))
    return found


def places(text: str) -> list[str]:
    """What a translation must keep: the places of values, and markup."""
    return sorted(re.findall(r"%\(\w+\)[sd]|</?\w+[^>]*>", text))
