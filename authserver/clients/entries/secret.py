"""One secret as clients.yaml names it: by environment variable, by file or by digest, never in clear."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from authserver.clients.file.names import FileName, Shape, rule

NEVER_IN_CLEAR = "a secret is never written here in clear text: write {env: NAME}, {file: path} or {sha256: digest}"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _moment(value: Any) -> Any:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise rule("must be a date, such as 2027-01-31 (its beginning, UTC) or 2027-01-31T12:00:00Z") from None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return value


Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}),
]


def seconds(moment: datetime) -> int:
    """A moment in seconds since the epoch."""
    return int((moment - _EPOCH).total_seconds())


class SecretEntry(BaseModel):
    """A secret: exactly one of env, file, and sha256."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        json_schema_extra={"oneOf": [{"required": [name]} for name in ("env", "file", "sha256")]},
    )

    env: Annotated[str, Shape(r"^[A-Z_][A-Z0-9_]{0,99}$", "must be capital letters, digits, and _")] | None = None
    """The environment variable that contains the secret."""

    file: FileName | None = None
    """The file that contains the secret and nothing else. A relative path starts at the folder of clients.yaml. A line
    break at the end is not part of the secret. The file must not be readable by everyone."""

    sha256: Annotated[str, Shape("^[0-9a-f]{64}$", "must be 64 lowercase hexadecimal digits")] | None = None
    """The SHA-256 digest of the secret, as `authserver clients new-secret` prints it."""

    expires: Moment | None = Field(default=None)
    """The secret is accepted until this moment; a date means its beginning, UTC. Several secrets can be valid at the
    same time, so that you can replace one without downtime."""

    @model_validator(mode="after")
    def _exactly_one_source(self) -> Self:
        if (self.env, self.file, self.sha256).count(None) != 2:
            raise rule("must have exactly one of env, file, and sha256")
        return self

    @property
    def expires_at(self) -> int | None:
        """The end in seconds since the epoch."""
        return None if self.expires is None else seconds(self.expires)
