"""Password hashes of other systems: what their text says, and the most that verifying one may cost.

PHC string format: https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md
Django: https://docs.djangoproject.com/en/stable/topics/auth/passwords/
RFC 7914 (scrypt), RFC 8018 (PBKDF2).
"""

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import Literal

MAX_TEXT = 300
# A hash is checked whenever somebody tries to sign in: one that took seconds or gigabytes would stop the server.
MOST_BCRYPT = 14
MOST_ITERATIONS = 2_000_000
MOST_SCRYPT_MEMORY = 256 * 2**20
MOST_SCRYPT_WORK = 2**21
MOST_ARGON2_MEMORY = 256 * 2**10
MOST_ARGON2_WORK = 2**20
MOST_ARGON2_LANES = 16
LEAST_DIGEST, MOST_DIGEST = 16, 128


class HashError(ValueError):
    """A hash that cannot be taken over; the text says why, and never holds the hash."""


@dataclass(frozen=True, slots=True)
class Argon2:
    """argon2i, argon2d or argon2id, in PHC form."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Bcrypt:
    """bcrypt of the password, or (as Django's `bcrypt_sha256`) of the hexadecimal SHA-256 of it."""

    text: str = field(repr=False)
    of_sha256: bool = False


@dataclass(frozen=True, slots=True)
class Scrypt:
    """RFC 7914. `n` is the cost itself, not its logarithm."""

    n: int
    r: int
    p: int
    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pbkdf2:
    """RFC 8018 with HMAC of this hash."""

    algorithm: Literal["sha256", "sha512"]
    iterations: int
    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)


PasswordHash = Argon2 | Bcrypt | Scrypt | Pbkdf2
_BCRYPT = re.compile(r"\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}")
_ARGON2 = re.compile(
    r"\$argon2(?:id|i|d)\$v=(?:16|19)\$m=(\d{1,9}),t=(\d{1,4}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,90})\$([A-Za-z0-9+/]{22,180})"
)
_SCRYPT_PHC = re.compile(r"\$scrypt\$ln=(\d{1,2}),r=(\d{1,4}),p=(\d{1,4})\$([^$]*)\$([^$]+)")
_SCRYPT_DJANGO = re.compile(r"scrypt\$(\d{1,9})\$([^$]+)\$(\d{1,4})\$(\d{1,4})\$([^$]+)")
_PBKDF2_PHC = re.compile(r"\$pbkdf2-(sha256|sha512)\$(?:i=)?(\d{1,9})(?:,l=\d{1,3})?\$([^$]*)\$([^$]+)")
_PBKDF2_DJANGO = re.compile(r"pbkdf2_(sha256|sha512)\$(\d{1,9})\$([^$]+)\$([^$]+)")


def parse(text: str) -> PasswordHash:
    """What a hash says: argon2, bcrypt (2a, 2b, 2y), scrypt, pbkdf2 with SHA-256 or SHA-512, in PHC or Django form.

    Raises HashError where it is none of these, damaged, or costs too much to check.
    """
    if len(text) > MAX_TEXT:
        raise HashError(f"the hash is longer than {MAX_TEXT} characters")
    scheme, _, rest = text.partition("$")
    if scheme == "argon2" or text.startswith("$argon2"):
        return _argon2("$" + rest)
    if scheme in {"bcrypt", "bcrypt_sha256"} or text.startswith("$2"):
        return _bcrypt(rest if scheme else text, of_sha256=scheme == "bcrypt_sha256")
    if match := _SCRYPT_PHC.fullmatch(text):
        return _scrypt(1 << int(match[1]), int(match[2]), int(match[3]), _unpadded(match[4]), _unpadded(match[5]))
    if match := _SCRYPT_DJANGO.fullmatch(text):
        return _scrypt(int(match[1]), int(match[3]), int(match[4]), match[2].encode(), _unpadded(match[5]))
    if match := _PBKDF2_PHC.fullmatch(text):
        return _pbkdf2(match[1], int(match[2]), _unpadded(match[3]), _unpadded(match[4]))
    if match := _PBKDF2_DJANGO.fullmatch(text):
        return _pbkdf2(match[1], int(match[2]), match[3].encode(), _unpadded(match[4]))
    raise HashError("the hash is not argon2, bcrypt, scrypt, pbkdf2-sha256, or pbkdf2-sha512 in PHC or Django form")


def _argon2(text: str) -> Argon2:
    match = _ARGON2.fullmatch(text)
    if match is None:
        raise HashError("the argon2 hash is damaged")
    memory, passes, lanes = (int(match[number]) for number in (1, 2, 3))
    if not (passes and lanes and memory >= 8 * lanes):
        raise HashError("the argon2 hash has impossible parameters")
    if memory > MOST_ARGON2_MEMORY or memory * passes > MOST_ARGON2_WORK or lanes > MOST_ARGON2_LANES:
        raise HashError("the argon2 hash costs too much to check (at most 256 MiB, and 1 GiB over all passes)")
    return Argon2(text)


def _bcrypt(text: str, of_sha256: bool) -> Bcrypt:
    match = _BCRYPT.fullmatch(text)
    if match is None or int(match[1]) < 4:
        raise HashError("the bcrypt hash is damaged, or not of version 2a, 2b or 2y")
    if int(match[1]) > MOST_BCRYPT:
        raise HashError(f"the bcrypt hash costs too much to check (at most {MOST_BCRYPT})")
    return Bcrypt(text, of_sha256)


def _scrypt(n: int, r: int, p: int, salt: bytes, digest: bytes) -> Scrypt:
    if n < 2 or n & (n - 1) or not (r and p):
        raise HashError("the scrypt hash has impossible parameters")
    if 128 * n * r > MOST_SCRYPT_MEMORY or n * r * p > MOST_SCRYPT_WORK:
        raise HashError("the scrypt hash costs too much to check (at most 256 MiB, and n·r·p of 2097152)")
    return Scrypt(n, r, p, salt, _checked(digest))


def _pbkdf2(algorithm: str, iterations: int, salt: bytes, digest: bytes) -> Pbkdf2:
    if not 0 < iterations <= MOST_ITERATIONS:
        raise HashError(f"the pbkdf2 hash costs too much to check (at most {MOST_ITERATIONS} iterations)")
    checked = _checked(digest)
    if len(checked) > (32 if algorithm == "sha256" else 64):
        # Each further block costs all iterations again (RFC 8018 §5.2).
        raise HashError("the pbkdf2 hash is longer than the output of its hash function")
    return Pbkdf2("sha256" if algorithm == "sha256" else "sha512", iterations, salt, checked)


def _checked(digest: bytes) -> bytes:
    if not LEAST_DIGEST <= len(digest) <= MOST_DIGEST:
        raise HashError(f"the digest of the hash is not {LEAST_DIGEST} to {MOST_DIGEST} bytes long")
    return digest


def _unpadded(text: str) -> bytes:
    # Base64 with or without padding; passlib writes a dot for the plus.
    bare = text.rstrip("=").replace(".", "+")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise HashError("the hash is not base64 where it should be") from None
