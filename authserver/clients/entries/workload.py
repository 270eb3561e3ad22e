"""Workloads as clients.yaml registers them: who signs their tokens, and which may act as a client (RFC 7523)."""

import re
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from authserver.clients.entries import key_rules
from authserver.clients.file.names import Audience, KnownWorkloadIssuer, Shape, rule
from authserver.clients.providers import rules
from authserver.outbound.addresses import is_acceptable
from authserver.protocol.upstream.foreign_keys import kind_for
from authserver.protocol.upstream.workload import Workload, WorkloadIssuer, as_text

ClaimOfWorkload = Annotated[str, Shape(r"^[!#-\[\]-~]{1,200}$", "must be the name of a claim")]
SigningAlgOfIssuer = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
_TWO_STARS = re.compile(r"\*[^:/]*\*")


def _issuer(value: str) -> str:
    return rules.issuer_url(value, example="https://token.actions.githubusercontent.com")


def _subject(value: str) -> str:
    if _TWO_STARS.search(value):
        raise rule("has two * between two of : and /, and one of them says it all")
    return value


def _keys_in_one_place(value: str | None, info: ValidationInfo) -> str | None:
    if value is not None and info.data.get("jwks") is not None:
        raise rule("is beside jwks: the keys stand in one place or in the other")
    if value is not None and not is_acceptable(value, may_be_local=True):
        raise rule("must begin with https:// (http only for localhost, in development)")
    return value


def _alg_of_keys(value: str, info: ValidationInfo) -> str:
    jwks = info.data.get("jwks")
    if jwks is not None and all(key["kty"] != kind_for(value) for key in jwks["keys"]):
        raise rule(f"none of the keys in jwks is one for {value}")
    return value


class WorkloadIssuerEntry(BaseModel):
    """Who signs tokens of workloads: a platform that runs programs, and gives each a token that says which it is."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    issuer: Annotated[str, AfterValidator(_issuer)]
    """The `iss` of its tokens, exactly: `https://token.actions.githubusercontent.com`, `https://gitlab.com`. The
    metadata at `/.well-known/openid-configuration` below it say where its keys are, unless `jwks` or `jwks_uri`
    does."""

    audience: Audience | None = None
    """The only `aud` that its tokens may have. Default: this server's issuer."""

    jwks: Annotated[dict[str, Any], AfterValidator(key_rules.public_keys)] | None = None
    """Its public keys as a JWK Set, for an issuer that cannot be called from here."""

    jwks_uri: Annotated[str | None, AfterValidator(_keys_in_one_place)] = None
    """Where its keys are, if its metadata cannot be read. They are fetched when needed and kept for 10 minutes."""

    signing_alg: Annotated[SigningAlgOfIssuer, AfterValidator(_alg_of_keys)] = Field(
        default="RS256", validate_default=True
    )
    """The only algorithm that its tokens may be signed with."""

    on_private_network: bool = False
    """Whether its metadata and keys may lie at a private address, such as those of a cluster. Otherwise only public
    ones are called."""

    single_use: bool = True
    """Whether each token counts once. `false` is for Kubernetes, where a pod has the same token for a while."""

    max_lifetime: int = Field(default=3600, ge=60, le=86400)
    """Seconds from `iat` to `exp` of a token, at most. One that lives longer is refused."""


class WorkloadEntry(BaseModel):
    """Programs that may act as a client: whoever holds a token of this issuer with such a subject and these claims."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    issuer: KnownWorkloadIssuer
    """The name of an entry in `workload_issuers`."""

    subject: Annotated[
        str,
        Shape(r"^[!-~]{1,500}$", "must be 1 to 500 printable ASCII characters without space"),
        AfterValidator(_subject),
    ]
    """The `sub` of its token: `repo:acme/app:environment:production`. A `*` stands for one or more characters but never
    for `:` or `/`: `repo:acme/app:ref:refs/tags/v*`."""

    claims: dict[ClaimOfWorkload, str | int | bool] = {}
    """Further claims that must be so. Names can be given up and taken by others; numbers cannot:
    `{repository_owner_id: 1234567}`."""


def workload_issuer(name: str, entry: WorkloadIssuerEntry) -> WorkloadIssuer:
    """The issuer that a sound entry makes."""
    return WorkloadIssuer(
        name=name,
        issuer=entry.issuer,
        audience=entry.audience,
        signing_alg=entry.signing_alg,
        jwks=entry.jwks,
        jwks_uri=entry.jwks_uri,
        on_private_network=entry.on_private_network,
        single_use=entry.single_use,
        max_lifetime=entry.max_lifetime,
    )


def workloads(entries: Iterable[WorkloadEntry]) -> tuple[Workload, ...]:
    """The workloads that sound entries make."""
    return tuple(
        Workload(each.issuer, each.subject, tuple((name, as_text(value) or "") for name, value in each.claims.items()))
        for each in entries
    )
