"""Fetch what the providers of clients.yaml name: their secrets, whose values are never shown or logged, and logos."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe

from pydantic import ValidationError

from authserver.clients.file.faults import FileFault, Keys
from authserver.clients.file.source import Source
from authserver.clients.providers.entry import UpstreamSecretEntry
from authserver.clients.secrets import READABLE_BY_ALL, UnusableError, read_file, read_variable
from authserver.protocol.client.logo import Logo

MAX_LOGO = 65_536
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(slots=True)
class ProviderFiles:
    """Secrets and logos by the name of their provider; what is wrong, what is doubtful, and the files."""

    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    logos: dict[str, Logo] = field(default_factory=dict)
    faults: list[FileFault] = field(default_factory=list)
    warnings: list[FileFault] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)


def fetch_provider_files(
    source: Source, folder: Path, environ: Mapping[str, str], *, with_secrets: bool = True
) -> ProviderFiles:
    """Fetch every logo, and every secret unless it is to stay unread, that is soundly named.

    What is not is reported elsewhere.
    """
    found = ProviderFiles()
    for name, owner in _providers(source):
        keys: Keys = ("providers", name, "secret")
        try:
            if with_secrets:
                _secret(found, source, keys, owner.get("secret"), folder, environ)
            else:
                found.secrets[name] = token_urlsafe(32)
        except UnusableError as fault:
            found.faults.append(source.fault(keys, str(fault)))
        logo = owner.get("logo")
        if isinstance(logo, str) and logo:
            found.files.append(folder / logo)
            try:
                found.logos[name] = _logo(folder / logo)
            except UnusableError as fault:
                found.faults.append(source.fault(("providers", name, "logo"), str(fault)))
    return found


def only_named_providers(source: Source) -> ProviderFiles:
    """In the place of every secret one that nobody knows, and no logo: for a text that lies in no folder."""
    return ProviderFiles({name: token_urlsafe(32) for name, _ in _providers(source)})


def _secret(
    found: ProviderFiles, source: Source, keys: Keys, raw: object, folder: Path, environ: Mapping[str, str]
) -> None:
    try:
        entry = UpstreamSecretEntry.model_validate(raw)
    except ValidationError:
        return
    if entry.file is None:
        value = read_variable(entry.env or "", environ)
    else:
        path = folder / entry.file
        found.files.append(path)
        value, is_public = read_file(path)
        if is_public:
            found.warnings.append(source.fault(keys, READABLE_BY_ALL))
    found.secrets[str(keys[1])] = value.decode("ascii")


def _providers(source: Source) -> Iterator[tuple[str, Mapping[str, object]]]:
    providers = source.data.get("providers") if isinstance(source.data, dict) else None
    for name, owner in providers.items() if isinstance(providers, dict) else ():
        if isinstance(owner, dict):
            yield name, owner


def _logo(path: Path) -> Logo:
    try:
        # Asked first: opening a pipe would wait for its other end.
        if path.exists() and not path.is_file():
            raise UnusableError("this is not a regular file")
        with path.open("rb") as file:
            content = file.read(MAX_LOGO + 1)
    except (OSError, ValueError) as error:
        raise UnusableError(f"the file cannot be read ({getattr(error, 'strerror', None) or 'no path'})") from None
    if len(content) > MAX_LOGO:
        raise UnusableError(f"the file is larger than {MAX_LOGO // 1024} KiB")
    if content.startswith(_PNG):
        return Logo(content, "image/png")
    if content.lstrip()[:5].lower() in {b"<svg ", b"<svg>", b"<?xml"}:
        return Logo(content, "image/svg+xml")
    raise UnusableError("the file is neither SVG nor PNG")
