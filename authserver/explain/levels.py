"""The levels of authentication that a sign-in must reach, and why a person reaches none of them."""

from collections.abc import Collection, Iterator

from authserver.explain.because import Because, Way
from authserver.explain.question import Question
from authserver.protocol.errors import ProtocolError


def missing_levels(question: Question, methods: Collection[str]) -> Iterator[Because]:
    """Each level that is required and that no factor of this person leads to; `methods` are what they have set up."""
    username, levels = question.user.username, question.registry.levels
    has = "no second factor" if not {"otp", "passkey"} & set(methods) else "no factor that reaches it"
    for whose, level, way in _required(question):
        if not any(each <= set(methods) for each in levels.ways[level]):
            yield Because(f"{whose} needs the level {level}, and {username} has {has}: they must set one up", way)


def _required(question: Question) -> Iterator[tuple[str, str, Way | None]]:
    client = question.client
    if client.require_acr:
        yield client.client_id, client.require_acr, question.at("require_acr")
    try:
        api = question.api
    except ProtocolError:
        # Told of as a refusal of its own.
        api = None
    if api is not None and api.require_acr:
        yield f"the API {api.name}", api.require_acr, ("apis", api.name, "require_acr")
    for role in question.roles:
        for level in sorted(question.registry.role_acr.get(role, ())):
            yield f"the role {role}", level, ("roles", role)
