"""Tokens made readable. Nothing here is a check: Authlib checked the ID token, the resource server checks the other."""

import base64
import json
import time
from dataclasses import dataclass
from typing import Any

TIMES = frozenset({"exp", "iat", "nbf", "auth_time", "updated_at"})


@dataclass(frozen=True, slots=True)
class ReadableToken:
    """A JWT: what it is for, its header as JSON, and its claims as (name, value, remark)."""

    title: str
    purpose: str
    header: str
    claims: list[tuple[str, str, str]]


def readable(title: str, purpose: str, token: str) -> ReadableToken:
    header, claims = decode(token)
    rows = [(name, _text(value), _remark(name, value)) for name, value in claims.items()]
    return ReadableToken(title, purpose, json.dumps(header, indent=2), rows)


def decode(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a JWT, unchecked."""
    header, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2])
    return header, claims


def seconds_left(token: str) -> int:
    """How long a JWT is still good."""
    return int(decode(token)[1]["exp"] - time.time())


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _remark(name: str, value: object) -> str:
    if name not in TIMES or not isinstance(value, int):
        return ""
    minutes, seconds = divmod(abs(value - int(time.time())), 60)
    distance = f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
    clock = time.strftime("%H:%M:%S", time.localtime(value))
    return f"{clock}, in {distance}" if value > time.time() else f"{clock}, {distance} ago"
