"""Where the master key comes from, and what it seals."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from pydantic import SecretStr

from authserver import master_key
from authserver.master_key import MasterKey, MasterKeyError
from authserver.settings import Settings
from tests.conftest import make_settings

LOOPBACK = "http://localhost:8080"
PUBLIC = "https://sso.example.com"


def _settings(keys_dir: Path, issuer: str = LOOPBACK, *keys: str) -> Settings:
    return make_settings(issuer=issuer, keys_dir=keys_dir, master_key=tuple(map(SecretStr, keys)))


def _key() -> MasterKey:
    return MasterKey([master_key.new_key()], "a test")


def test_what_is_sealed_is_unreadable_and_comes_back_whole() -> None:
    key = _key()
    sealed = key.seal(b"private")
    assert b"private" not in sealed
    assert key.unseal(sealed) == b"private"


def test_another_key_unseals_nothing_and_says_what_to_do() -> None:
    with pytest.raises(MasterKeyError, match="add the old key"):
        _key().unseal(_key().seal(b"private"))


def test_the_first_key_seals_and_every_key_unseals() -> None:
    old, new = master_key.new_key(), master_key.new_key()
    both = MasterKey([new, old], "a test")
    assert both.unseal(MasterKey([old], "a test").seal(b"x")) == b"x"
    assert not both.is_first(MasterKey([old], "a test").seal(b"x"))
    assert both.is_first(both.seal(b"x"))
    assert MasterKey([new], "a test").unseal(both.seal(b"x")) == b"x"


def test_derived_keys_differ_by_purpose_and_by_key_and_last() -> None:
    old, new = master_key.new_key(), master_key.new_key()
    both = MasterKey([new, old], "a test")
    cookies = both.derive("cookies")
    assert cookies == MasterKey([new, old], "a test").derive("cookies")
    assert cookies[1:] == MasterKey([old], "a test").derive("cookies")
    assert len({*cookies, *both.derive("mail")}) == 4


def test_no_key_is_in_its_repr() -> None:
    key = master_key.new_key()
    assert key not in repr(MasterKey([key], "a test"))


def test_on_a_loopback_issuer_the_key_is_made_once_with_mode_0600(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    sealed = master_key.load(_settings(folder)).seal(b"x")
    assert master_key.load(_settings(folder)).unseal(sealed) == b"x"
    assert [path.name for path in folder.iterdir()] == ["master.key"]
    assert stat.S_IMODE((folder / "master.key").stat().st_mode) == 0o600


def test_of_many_starting_at_once_all_use_the_same_key(tmp_path: Path) -> None:
    barrier = Barrier(16)

    def start(_: int) -> bytes:
        barrier.wait()
        return master_key.load(_settings(tmp_path / "keys")).derive("race")[0]

    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(start, range(16)))) == 1
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["master.key"]


def test_elsewhere_a_missing_key_refuses_to_start_and_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyError, match="set AUTHSERVER_MASTER_KEY"):
        master_key.load(_settings(tmp_path / "keys", PUBLIC))
    assert not (tmp_path / "keys").exists()


def test_a_key_given_by_setting_needs_no_file(tmp_path: Path) -> None:
    key = master_key.new_key()
    assert len(master_key.load(_settings(tmp_path / "keys", PUBLIC, key, master_key.new_key()))) == 2
    assert not (tmp_path / "keys").exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_file_that_others_can_use_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "master.key"
    path.write_text(master_key.new_key())
    path.chmod(mode)
    with pytest.raises(MasterKeyError, match="chmod 600"):
        master_key.load(_settings(tmp_path, PUBLIC))


@pytest.mark.parametrize("content", [b"", b"\n\n", b"not a key", b"\xff\x00", b"AAAA\n"])
def test_a_file_without_a_proper_key_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "master.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(MasterKeyError, match="new-master-key"):
        master_key.load(_settings(tmp_path))


def test_a_file_holds_several_keys_one_a_line(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    old, new = master_key.new_key(), master_key.new_key()
    path.write_text(f"{new}\n{old}\n")
    path.chmod(0o600)
    key = master_key.load(_settings(tmp_path, PUBLIC))
    assert key.is_first(MasterKey([new], "a test").seal(b"x"))
    assert key.unseal(MasterKey([old], "a test").seal(b"x")) == b"x"


def test_a_folder_that_cannot_be_made_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file")
    with pytest.raises(MasterKeyError, match="cannot be used"):
        master_key.load(_settings(tmp_path / "keys"))
