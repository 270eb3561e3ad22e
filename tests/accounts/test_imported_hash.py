"""Hashes of other systems: verified as those made them, never at any price, and replaced at the next sign-in.

The hashes were made by Django 5.2, passlib 1.7, argon2-cffi 25 and PHP's and Python's bcrypt.
"""

import hashlib
from base64 import b64encode

import bcrypt
import pytest

from authserver.protocol.person.password_hash import HashError, parse
from authserver.signin.password import Passwords
from authserver.store import users
from tests.accounts.site import NOW, Browser, Site
from tests.conftest import make_settings

PASSWORD = "Correct horse 1!"
HASHES = {
    "Django pbkdf2": "pbkdf2_sha256$1000000$nlLZTNnKuaKI7hs5PHOvuF$maQd/kPsVutb7APRwvVVYoblW8VoIJFE7XzSy3f8XT8=",
    "Django bcrypt of SHA-256": "bcrypt_sha256$$2b$12$Emh793M5AXqNUXU2GtFOAeMwxDqVkwDO8j8tK9kib8CjRxUrWrhs2",
    "Django bcrypt": "bcrypt$$2b$12$IUYWqX4vbTRdPWJmnM271elYYKcH9jbxNOHxFU50jknpFP6R.qaaC",
    "Django scrypt": "scrypt$16384$T50CwHMKgTkmaST1NJroLV$8$5$FkXvYFoWWU85Fz/Kx3ThNFDEfjoP0Rr2qVyi1TAHRR5qC3RiMLKLx+tj+"
    "nGrR+HyH0BUMv9I6ansCF3ntUfCyQ==",
    "passlib pbkdf2-sha256": "$pbkdf2-sha256$29000$JAQAgBDC.F/r3VsLofS.Fw$3tAlCqeF1WtfxmOfeAYO4xrRF/naoCRiCHYduz0LocM",
    "passlib pbkdf2-sha512": "$pbkdf2-sha512$25000$Zcw5ByAEwFjrHWOslXJurQ$qP0ZN1OWSs6N3BK2GjGAy0h0Vn4f1YxCEnlcJHwDNyX6"
    "nfbGOxw3W4rKTPVQAmyQoYpFiecBeXxviVVIeMLU9g",
    "passlib scrypt": "$scrypt$ln=16,r=8,p=1$EyJEqLX2fu+dc44xJoQwZg$kVNmr/29MAVQBU69iM4MujdZWrp1x/LSSRCYgw3u7fM",
    "bcrypt 2a": "$2a$04$XfnkjNY/x5FwyOQNbbsHkOGxWOl5i6bSWvNQjmmjM2rtgEZaRyOWW",
    "bcrypt 2b": "$2b$04$988NOYmj/QP6bX6M4HkLneFCgE.3uNAUaOTP..WFcmbZZ1RWTRzLC",
    "bcrypt 2y": "$2y$04$988NOYmj/QP6bX6M4HkLneFCgE.3uNAUaOTP..WFcmbZZ1RWTRzLC",
}
DJANGO_ARGON2 = (
    "argon2$argon2id$v=19$m=102400,t=2,p=8$Q1JHWTFhblJpTHFzcWpuNDkwSUlYaQ$SBDZaVL2Dh0oUOxMKCK/udQMGC70wL2WWlfig+nTkTQ"
)
SALT22, TAG43 = "A" * 22, "A" * 43


@pytest.fixture(scope="module")
def passwords() -> Passwords:
    return Passwords(make_settings(password_hash_memory=8192, password_hash_time=1, password_hash_parallelism=1))


@pytest.mark.parametrize("stored", HASHES.values(), ids=HASHES)
def test_a_hash_of_another_system_verifies_its_password_and_no_other(passwords: Passwords, stored: str) -> None:
    assert passwords.verify(stored, PASSWORD)
    assert not passwords.verify(stored, PASSWORD + " ")
    assert passwords.is_outdated(stored)


def test_argon2_as_django_writes_it_is_kept_in_its_own_form(passwords: Passwords) -> None:
    stored = parse(DJANGO_ARGON2)
    assert passwords.verify(stored.text, PASSWORD)  # type: ignore[union-attr]
    assert passwords.is_outdated(stored.text)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is not argon2"),
        ("Correct horse 1!", "is not argon2"),
        ("md5$salt$5f4dcc3b5aa765d61d8327deb882cf99", "is not argon2"),
        ("$2x$10$" + "a" * 53, "2a, 2b or 2y"),
        ("$2b$31$" + "a" * 53, "too much"),
        ("$2b$15$" + "a" * 53, "too much"),
        ("$2b$03$" + "a" * 53, "damaged"),
        ("$2b$10$" + "a" * 52, "damaged"),
        (f"$argon2id$v=19$m=4194304,t=1,p=1${SALT22}${TAG43}", "too much"),
        (f"$argon2id$v=19$m=262144,t=100,p=1${SALT22}${TAG43}", "too much"),
        (f"$argon2id$v=19$m=65536,t=3,p=99${SALT22}${TAG43}", "too much"),
        (f"$argon2id$v=19$m=8,t=0,p=1${SALT22}${TAG43}", "impossible"),
        (f"$argon2id$v=19$m=65536,t=3${SALT22}${TAG43}", "damaged"),
        (f"$scrypt$ln=25,r=8,p=1${SALT22}${TAG43}", "too much"),
        (f"$scrypt$ln=99,r=8,p=1${SALT22}${TAG43}", "too much"),
        (f"$scrypt$ln=14,r=8,p=9999${SALT22}${TAG43}", "too much"),
        (f"scrypt$16385$salt$8$1${TAG43}=", "impossible"),
        (f"$pbkdf2-sha256$i=999999999${SALT22}${TAG43}", "too much"),
        (f"pbkdf2_sha256$0$salt${TAG43}=", "too much"),
        (f"$pbkdf2-sha256$i=1000${SALT22}${'A' * 86}", "longer than"),
        (f"$pbkdf2-sha256$i=1000${SALT22}$AAAA", "16 to 128"),
        (f"$pbkdf2-sha256$i=1000${SALT22}$é{TAG43}", "base64"),
        ("$2b$10$" + "a" * 400, "longer than 300"),
    ],
)
def test_a_hash_that_is_unknown_damaged_or_too_dear_is_refused_in_words_without_itself(text: str, why: str) -> None:
    with pytest.raises(HashError, match=why) as refused:
        parse(text)
    assert not text or text not in str(refused.value)


def test_a_hash_that_would_be_refused_verifies_nothing(passwords: Passwords) -> None:
    assert not passwords.verify("$2b$31$" + "a" * 53, PASSWORD)
    assert not passwords.verify(f"$scrypt$ln=25,r=8,p=1${SALT22}${TAG43}", PASSWORD)


def test_bcrypt_of_a_long_password_is_taken_as_other_systems_cut_it_and_no_nul_ends_it(passwords: Passwords) -> None:
    long = "x" * 80
    stored = bcrypt.hashpw(long[:72].encode(), bcrypt.gensalt(4)).decode()
    assert passwords.verify(stored, long)
    assert not passwords.verify(stored, "x" * 71)
    short = bcrypt.hashpw(b"short", bcrypt.gensalt(4)).decode()
    assert not passwords.verify(short, "short\0more")


def test_what_another_system_hashed_is_compared_as_it_was_typed(passwords: Passwords) -> None:
    typed = "pa\u0308ssword"
    digest = hashlib.pbkdf2_hmac("sha256", typed.encode(), b"0123456789abcdef", 1000)
    stored = f"pbkdf2_sha256$1000$0123456789abcdef${b64encode(digest).decode()}"
    assert passwords.verify(stored, typed)


@pytest.mark.parametrize("name", ["bcrypt 2y", "passlib pbkdf2-sha512", "passlib scrypt"])
def test_at_the_next_sign_in_argon2id_takes_its_place(site: Site, browser: Browser, name: str) -> None:
    with site.app.server.database.write() as connection:
        uma = users.add(connection, username="uma", password_hash=HASHES[name], now=NOW)
    assert browser.sign_in("uma", PASSWORD + "x").status_code == 400
    assert browser.sign_in("uma", PASSWORD).status_code == 303
    with site.app.server.database.read() as connection:
        found = users.get(connection, uma.sub)
    assert found
    assert str(found.password_hash).startswith("$argon2id$")
    assert Passwords(site.app.server.settings).verify(found.password_hash, PASSWORD)
