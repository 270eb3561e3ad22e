"""Recovery codes: for whoever has lost the other factors. Each is 80 random bits in base32, and counts once.

NIST SP 800-63B-4 §3.1.2 (look-up secrets). https://pages.nist.gov/800-63-4/sp800-63b.html#lookupsecrets
"""

from base64 import b32encode

from authserver.protocol.digest import digest

RANDOM_BYTES, LENGTH, GROUP, COUNT = 10, 16, 4, 10
ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
# What is mistaken for a letter where it is copied from paper; base32 has neither.
_MISREAD = str.maketrans("018", "OIB")
_SEPARATORS = str.maketrans("", "", " -")


def spelled(random: bytes) -> str:
    """A code as it is shown, of 10 random bytes: four groups of four."""
    code = b32encode(random).decode()
    return "-".join(code[at : at + GROUP] for at in range(0, LENGTH, GROUP))


def read(typed: str) -> str | None:
    """The code that was typed, in whatever case and groups; None where it has not the shape of one."""
    code = typed[: 4 * LENGTH].translate(_SEPARATORS).upper().translate(_MISREAD)
    return code if len(code) == LENGTH and ALPHABET.issuperset(code) else None


def code_digest(sub: str, code: str) -> bytes:
    """What is kept of a code that was `read`: another for each person."""
    return digest(f"{sub} {code}")
