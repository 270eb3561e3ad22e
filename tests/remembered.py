"""What the many applications of one run have in common, made once a process.

Every test has an application and a database of its own. What is compiled of a text is the same each time: functions
that build URLs, templates, SQL, clients.yaml. Each is remembered by all that it depends on; no state is.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Lock
from types import CodeType
from typing import Any

import pytest
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from werkzeug.routing import Rule

from authserver.clients import live
from authserver.clients.load import LoadedFile, load
from authserver.keys import material

_builders: dict[tuple[Any, ...], Callable[..., tuple[str, str]]] = {}
_compiled: dict[Any, Any] = {}
_loaded: dict[tuple[bytes, str], LoadedFile] = {}
_keys: dict[int, list[tuple[str, bytes]]] = defaultdict(list)


def remember() -> None:
    """Let every application of this process share what is compiled."""
    Flask.url_rule_class = RememberedRule
    Flask.jinja_options = {"bytecode_cache": RememberedTemplates()}
    registry.register("sqlite", __name__, "SQLite")
    registry.register("postgresql.psycopg", __name__, "PostgreSQL")
    vars(live)["load"] = remembered_load


class RememberedRule(Rule):
    """A URL rule; the code that builds its URLs is compiled once for its text."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if self.defaults:
            return super()._compile_builder(append_unknown)
        key = (self.rule, tuple(self._trace), append_unknown)
        if key not in _builders:
            _builders[key] = super()._compile_builder(append_unknown)
        return _builders[key]


class RememberedTemplates(BytecodeCache):
    """The code of templates, by their names and texts."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


class _SharesSql:
    """A dialect that equals every other of its kind, so that SQL compiled for one serves all."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        engine.update_execution_options(compiled_cache=_compiled)


class SQLite(_SharesSql, SQLiteDialect_pysqlite):
    """SQLite, as the tests speak to it."""

    supports_statement_cache = True


class PostgreSQL(_SharesSql, PGDialect_psycopg):
    """PostgreSQL, as the tests speak to it."""

    supports_statement_cache = True


class _Watched(Mapping[str, str]):
    """An environment that knows whether anybody looked into it."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.is_read = False

    def __getitem__(self, name: str) -> str:
        self.is_read = True
        return self._environ[name]

    def __iter__(self) -> Iterator[str]:
        self.is_read = True
        return iter(self._environ)

    def __len__(self) -> int:
        return len(self._environ)


def remembered_load(path: Path, environ: Mapping[str, str], *, issuer: str) -> LoadedFile:
    """As `load`; a sound file that names no other file and nothing of the environment is read once for its text."""
    if not path.is_file():
        return load(path, environ, issuer=issuer)
    key = (path.read_bytes(), issuer)
    if (known := _loaded.get(key)) is not None:
        return LoadedFile(known.registry, known.warnings, (path,), known.text)
    watched = _Watched(environ)
    loaded = load(path, watched, issuer=issuer)
    # A file that changes while it is read is remembered under neither text.
    if not watched.is_read and loaded.files == (path,) and path.read_bytes() == key[0]:
        _loaded[key] = loaded
    return loaded


@contextmanager
def remembered_keys() -> Iterator[None]:
    """Let the RSA keys be those that were made before, each once: to find the primes of one takes 0.1 s."""
    make = material.make
    taken: dict[int, Iterator[int]] = defaultdict(count)
    lock = Lock()

    def remembered_make(alg: str, bits: int) -> tuple[str, bytes]:
        if alg != "RS256":
            return make(alg, bits)
        with lock:
            number, known = next(taken[bits]), _keys[bits]
            if number == len(known):
                known.append(make(alg, bits))
            return known[number]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(material, "make", remembered_make)
        yield
