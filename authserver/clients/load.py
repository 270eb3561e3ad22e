"""Load clients.yaml: the registry, or everything that is wrong with the file."""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from authserver.access.expectation import Expectation, expectation
from authserver.clients.agreement import declared, disagreements
from authserver.clients.build import build
from authserver.clients.entries.certificate_settings import unusable
from authserver.clients.entries.document import ClientsDocument
from authserver.clients.entries.fapi2 import contradictions
from authserver.clients.explain import explain
from authserver.clients.file.faults import ClientsFileError, FileFault
from authserver.clients.file.logos import ClientLogos, fetch_logos
from authserver.clients.file.on_disk import content_of
from authserver.clients.file.plain import Plain, read_plain
from authserver.clients.file.reader import read
from authserver.clients.file.source import Source
from authserver.clients.providers.files import ProviderFiles, fetch_provider_files, only_named_providers
from authserver.clients.secrets import Secrets, fetch, only_named
from authserver.clients.served.first_use import build_at_first_use
from authserver.clients.token_size import oversized
from authserver.clients.warnings import warnings
from authserver.history.text import FileText, text_of
from authserver.protocol.client.registry import Registry
from authserver.settings import Settings

DEFAULT_ISSUER: str = Settings.model_fields["issuer"].default
DEFAULT_TOKEN_SIZE: int = Settings.model_fields["access_token_size"].default


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """A sound file and its text; `files` are it and those it names, `expected` is what it says must stay true."""

    registry: Registry
    warnings: tuple[FileFault, ...]
    files: tuple[Path, ...]
    text: FileText
    expected: tuple[Expectation, ...] = ()


def load(
    path: Path,
    environ: Mapping[str, str],
    now: int | None = None,
    *,
    issuer: str = DEFAULT_ISSUER,
    token_size: int = DEFAULT_TOKEN_SIZE,
    with_secrets: bool = True,
    unset: Collection[str] = (),
) -> LoadedFile:
    """Load and check a file and the secrets it names; `now` in seconds decides which secrets have expired.

    The API by which the server is managed has an audience below the `issuer`; access tokens that can grow past
    `token_size` bytes are a warning, and so are clients that need one of the settings that are `unset`. Without
    secrets none is read, and nobody can prove to be a client.

    Raises `ClientsFileError` with every fault.
    """
    content = content_of(path)
    return _with_files(
        *(path, environ, content, read(content, str(path))),
        with_secrets=with_secrets,
        now=now,
        issuer=issuer,
        token_size=token_size,
        unset=unset,
    )


def load_to_serve(path: Path, environ: Mapping[str, str], *, issuer: str, plain: Plain | None = None) -> LoadedFile:
    """The same for a running server: without warnings, and with clients that are made when they are asked for.

    `plain` is what has been read of the file already.
    """
    content, data = plain or read_plain(path)
    if data is not None:
        try:
            return _with_files(path, environ, content, Source(str(path), data), issuer=issuer, serving=True)
        except ClientsFileError:
            # What is wrong is said with the place where it stands, which is not known yet.
            pass
    return _with_files(path, environ, content, read(content, str(path)), issuer=issuer, serving=True)


def load_text(content: bytes, name: str, *, issuer: str, token_size: int) -> LoadedFile:
    """The same of a text that lies in no folder: whoever sent it chose what it names, so none of it is looked at."""
    source = read(content, name)
    secrets, upstream = only_named(source), only_named_providers(source)
    return _loaded(content, source, secrets, upstream, ClientLogos(), issuer=issuer, token_size=token_size)


def _with_files(
    path: Path,
    environ: Mapping[str, str],
    content: bytes,
    source: Source,
    *,
    issuer: str,
    with_secrets: bool = True,
    now: int | None = None,
    token_size: int = DEFAULT_TOKEN_SIZE,
    unset: Collection[str] = (),
    serving: bool = False,
) -> LoadedFile:
    secrets = fetch(source, path.parent, environ) if with_secrets else only_named(source)
    upstream = fetch_provider_files(source, path.parent, environ, with_secrets=with_secrets)
    logos = fetch_logos(source, path.parent)
    return _loaded(
        *(content, source, secrets, upstream, logos),
        files=(path, *secrets.files, *upstream.files, *logos.files),
        now=now,
        issuer=issuer,
        token_size=token_size,
        unset=unset,
        serving=serving,
    )


def _loaded(
    content: bytes,
    source: Source,
    secrets: Secrets,
    upstream: ProviderFiles,
    logos: ClientLogos,
    *,
    issuer: str,
    token_size: int,
    files: tuple[Path, ...] = (),
    now: int | None = None,
    unset: Collection[str] = (),
    serving: bool = False,
) -> LoadedFile:
    faults = [*source.faults, *disagreements(source, issuer), *secrets.faults, *upstream.faults, *logos.faults]
    document = None
    try:
        document = ClientsDocument.model_validate(source.data, context=declared(source))
    except ValidationError as error:
        faults.extend(explain(error, source))
    else:
        faults.extend(contradictions(document, source))
    if document is None or faults:
        raise ClientsFileError(faults, files)
    version = _version(content, secrets, upstream, logos)
    if serving:
        data = source.data.get("clients", ())
        registry = build_at_first_use(version, document, data, secrets, upstream, logos, issuer)
        return LoadedFile(registry, (), files, text_of(content, source.data))
    registry = build(version, document, secrets, upstream, logos, issuer)
    at = int(time.time()) if now is None else now
    found = [*upstream.warnings, *warnings(document, registry, secrets, source, at)]
    found += oversized(document, registry, source, issuer, token_size)
    found += unusable(document, registry, source, unset)
    placed = (expectation(text, source.place(("expect", index))[0]) for index, text in enumerate(document.expect))
    return LoadedFile(registry, tuple(sorted(found)), files, text_of(content, source.data), tuple(filter(None, placed)))


def _version(content: bytes, secrets: Secrets, upstream: ProviderFiles, logos: ClientLogos) -> str:
    version = sha256(content)
    for _, secret in sorted(secrets.by_keys.items(), key=lambda item: str(item[0])):
        version.update(secret.digest)
    for name, value in sorted(upstream.secrets.items()):
        version.update(sha256(f"{name} {value}".encode()).digest())
    for name, logo in sorted(upstream.logos.items()):
        version.update(sha256(name.encode() + logo.content).digest())
    for _, logo in sorted(logos.by_index.items()):
        version.update(sha256(logo.content).digest())
    return version.hexdigest()[:12]
