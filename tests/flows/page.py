"""A page as a browser understands it: its title, its words, its forms and links, and every element for the checks."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
HEADINGS = frozenset({"title", "h1"})


@dataclass(slots=True)
class Form:
    """A form: where it goes, what it would send, and its submit buttons by the text on them."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, tuple[str, str] | None] = field(default_factory=dict)

    def filled(self, button: str | None, **fields: str) -> dict[str, str]:
        """What a browser sends when this button is pressed, with some fields filled in."""
        sent = self.fields | fields
        if button is not None:
            pair = self.buttons[button]
            return sent | ({pair[0]: pair[1]} if pair else {})
        return sent


@dataclass(slots=True)
class Page:
    """What stands on a page."""

    headings: dict[str, str] = field(default_factory=dict)
    words: str = ""
    forms: list[Form] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)

    @property
    def heading(self) -> str:
        return self.headings.get("h1", "")

    @property
    def form(self) -> Form:
        """The only form."""
        (form,) = self.forms
        return form

    def form_with(self, names: Iterable[str]) -> Form:
        """The only form; or of several the only one with all these fields."""
        if len(self.forms) == 1:
            return self.forms[0]
        (form,) = (each for each in self.forms if set(names) <= each.fields.keys())
        return form

    def element(self, tag: str, **attributes: str) -> dict[str, str | None]:
        """The attributes of the only element with this tag and these attributes."""
        (found,) = (have for name, have in self.elements if name == tag and attributes.items() <= have.items())
        return found


def read(html: str) -> Page:
    """Read a page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    page = reader.page
    page.words = " ".join(page.words.split())
    return page


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self._open: list[tuple[str, dict[str, str | None]]] = []
        self._text: dict[int, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.page.elements.append((tag, attributes))
        if tag == "form":
            self.page.forms.append(Form(attributes.get("action") or "", attributes.get("method") or "get"))
        if tag == "input" and self._in("form"):
            self._input(attributes)
        if tag not in VOID:
            self._open.append((tag, attributes))
            self._text[len(self._open)] = ""

    def handle_data(self, data: str) -> None:
        if self._in("script") or self._in("style"):
            self.page.inline.append(data.strip())
            return
        self.page.words += " " + data
        for depth in range(1, len(self._open) + 1):
            self._text[depth] += data

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            depth = len(self._open)
            name, attributes = self._open.pop()
            if name == "textarea" and self._in("form"):
                # HTML §13.2.6.4.7: a line break right after the tag is none of the text.
                self.page.forms[-1].fields[attributes["name"] or ""] = self._text[depth].removeprefix("\n")
            if name == "option" and self._in("form"):
                self._option(attributes, self._text[depth])
            self._close(name, attributes, " ".join(self._text[depth].split()))
            if name == tag:
                return

    def _option(self, attributes: dict[str, str | None], text: str) -> None:
        select = next((have for tag, have in reversed(self._open) if tag == "select"), None)
        if select is None:
            # Of a datalist: a suggestion, which is sent only if it is typed.
            return
        fields, name = self.page.forms[-1].fields, select["name"] or ""
        # Without a choice, the first one is sent.
        if name not in fields or "selected" in attributes:
            fields[name] = attributes.get("value", " ".join(text.split())) or ""

    def _close(self, tag: str, attributes: dict[str, str | None], text: str) -> None:
        if tag in HEADINGS:
            self.page.headings[tag] = text
        elif tag == "a":
            self.page.links[text] = attributes.get("href") or ""
        elif tag == "button" and self._in("form"):
            name = attributes.get("name")
            self.page.forms[-1].buttons[text] = (name, attributes.get("value") or "") if name else None

    def _input(self, attributes: dict[str, str | None]) -> None:
        name, kind = attributes.get("name"), attributes.get("type") or "text"
        if name and (kind not in {"checkbox", "radio"} or "checked" in attributes):
            self.page.forms[-1].fields[name] = attributes.get("value") or ""

    def _in(self, tag: str) -> bool:
        return any(name == tag for name, _ in self._open)
