"""A password checked against a hash of another system; at the next sign-in argon2id takes its place."""

import hashlib
from hmac import compare_digest

import bcrypt

from authserver.protocol.person.password_hash import Bcrypt, Pbkdf2, Scrypt

# bcrypt looks at no more; systems that use it bare have always cut here.
BCRYPT_LENGTH = 72


def verify(stored: Bcrypt | Scrypt | Pbkdf2, password: bytes) -> bool:
    """Whether the password is right. Its cost was bounded when the hash was parsed."""
    if isinstance(stored, Bcrypt):
        return _verify_bcrypt(stored, password)
    if isinstance(stored, Scrypt):
        found = hashlib.scrypt(
            password,
            salt=stored.salt,
            n=stored.n,
            r=stored.r,
            p=stored.p,
            # What RFC 7914 §6 needs, and a little for OpenSSL's own bookkeeping.
            maxmem=128 * stored.r * (stored.n + stored.p + 2) + 65536,
            dklen=len(stored.digest),
        )
        return compare_digest(found, stored.digest)
    found = hashlib.pbkdf2_hmac(stored.algorithm, password, stored.salt, stored.iterations, len(stored.digest))
    return compare_digest(found, stored.digest)


def _verify_bcrypt(stored: Bcrypt, password: bytes) -> bool:
    if stored.of_sha256:
        password = hashlib.sha256(password).hexdigest().encode()
    if b"\0" in password:
        # bcrypt in C ends there: a prefix would be enough.
        return False
    return bcrypt.checkpw(password[:BCRYPT_LENGTH], stored.text.encode())
