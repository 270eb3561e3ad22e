"""The parameters of a form in bodies that are no form, with values that need not be text."""

import json
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from tests.adversary.spoil import Pairs

BOUNDARY = "zq"
Reshaped = tuple[bytes, str]


def _texts(pairs: Pairs) -> dict[str, str]:
    return {name.decode("latin-1"): unquote_to_bytes(value.replace(b"+", b" ")).decode() for name, value in pairs}


def _as_json(value: Callable[[str], object]) -> Callable[[Pairs], Reshaped]:
    def reshape(pairs: Pairs) -> Reshaped:
        return json.dumps({name: value(text) for name, text in _texts(pairs).items()}).encode(), "application/json"

    return reshape


def _as_parts(attributes: str) -> Callable[[Pairs], Reshaped]:
    def reshape(pairs: Pairs) -> Reshaped:
        parts = [
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{attributes}\r\n\r\n{text}\r\n'
            for name, text in _texts(pairs).items()
        ]
        return "".join([*parts, f"--{BOUNDARY}--\r\n"]).encode(), f"multipart/form-data; boundary={BOUNDARY}"

    return reshape


RESHAPES: dict[str, Callable[[Pairs], Reshaped]] = {
    "JSON of texts": _as_json(lambda text: text),
    "JSON of lists": _as_json(lambda text: [text, text]),
    "JSON of numbers": _as_json(lambda _text: 17),
    "JSON of objects": _as_json(lambda text: {text: text}),
    "JSON of nothing": _as_json(lambda _text: None),
    "JSON list": lambda pairs: (json.dumps([*_texts(pairs)]).encode(), "application/json"),
    "parts": _as_parts(""),
    "files": _as_parts('; filename="zq.txt"'),
    "files without a name": _as_parts('; filename=""'),
    "broken JSON": lambda _pairs: (b'{"username": ', "application/json"),
    "broken parts": lambda _pairs: (f"--{BOUNDARY}\r\nzq".encode(), f"multipart/form-data; boundary={BOUNDARY}"),
}
