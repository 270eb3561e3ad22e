"""Every language says everything, and nothing that people read is left out."""

import re
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo

from tests.languages.texts import LANGUAGES, ROOT, TRANSLATIONS, catalog, collected, places, translations_of

TEMPLATES = sorted((ROOT / "authserver" / "templates").rglob("*.html"))
JINJA = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
LAYOUT = re.compile(r"\{% block (?:layout|card) %\}\w+\{% endblock %\}")
READ_ALOUD = re.compile(r'(?:aria-label|placeholder|title|alt)="([^"{]*[A-Za-z][^"]*)"')


def texts(compiled: BytesIO) -> dict[object, str]:
    """All but the header, which has the time it was made at."""
    everything: dict[object, str] = GNUTranslations(compiled)._catalog  # type: ignore[attr-defined]
    return {original: text for original, text in everything.items() if original}


def test_texts_are_found_in_code_templates_and_mails() -> None:
    assert {
        "Sign in",
        "Know who you are",
        "Wrong username or password. Check both and try again.",
        "redirect_uri is not one that is registered for this client.",
        "Accept the invitation",
        "%(num)d minute",
    } <= collected()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_text_and_no_other(language: str) -> None:
    translated = {one.original for one in translations_of(language) if all(one.texts) and not one.is_fuzzy}
    assert collected() - translated == set(), "run `make translations`, translate these, and run it again"
    assert translated - collected() == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_the_places_of_values_and_the_markup(language: str) -> None:
    for one in translations_of(language):
        for text in one.texts:
            assert places(text) == places(one.original), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    fresh = BytesIO()
    write_mo(fresh, catalog(language))
    fresh.seek(0)
    assert texts(fresh) == texts(BytesIO((TRANSLATIONS / language / "LC_MESSAGES" / "messages.mo").read_bytes()))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_no_words_that_cannot_be_translated(template: Path) -> None:
    # The name of a layout is for the style sheet.
    text = JINJA.sub("", LAYOUT.sub("", template.read_text()))
    text = re.sub(r"<(style|script)\b.*?</\1>", "", text, flags=re.DOTALL)
    assert READ_ALOUD.findall(text) == []
    assert re.findall(r"[A-Za-z]{2,}", re.sub(r"<[^>]*>", "", text)) == [], 'put these words into {{ _("…") }}'
