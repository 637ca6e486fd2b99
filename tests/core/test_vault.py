"""The vault: nothing readable on disk, nothing shared, nothing opened by another key, name or centre."""

from __future__ import annotations

import base64
import os
import threading
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import NotFound, SettingInvalid, VaultDamaged, VaultLocked
from core.vault import Vault, kept_key, parse_key

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
CENTRE, NEXT = uuid.UUID(int=1), uuid.UUID(int=2)
PLAIN = b"The prototype's drawings, in confidence. " * 40


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault", [KEY])


def test_what_is_kept_comes_back_and_is_not_readable_on_disk(vault: Vault) -> None:
    file = uuid.uuid4()
    vault.put(CENTRE, file, PLAIN)
    assert vault.get(CENTRE, file) == PLAIN
    raw = vault.path(CENTRE, file).read_bytes()
    assert b"prototype" not in raw
    assert KEY not in raw
    assert vault.path(CENTRE, file).stat().st_mode & 0o077 == 0


@given(content=st.binary(max_size=300))
def test_every_content_comes_back(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    vault, file = Vault(tmp_path_factory.mktemp("v"), [KEY]), uuid.uuid4()
    vault.put(CENTRE, file, content)
    assert vault.get(CENTRE, file) == content


def test_the_same_content_twice_is_two_files_that_share_nothing(vault: Vault) -> None:
    one, two = uuid.uuid4(), uuid.uuid4()
    vault.put(CENTRE, one, PLAIN)
    vault.put(CENTRE, two, PLAIN)
    first, second = (vault.path(CENTRE, f).read_bytes() for f in (one, two))
    assert first[12:] != second[12:]
    vault.remove(CENTRE, one)
    assert vault.get(CENTRE, two) == PLAIN
    with pytest.raises(NotFound):
        vault.get(CENTRE, one)


def test_another_key_does_not_open_it_and_the_error_names_the_key(vault: Vault) -> None:
    file = uuid.uuid4()
    vault.put(CENTRE, file, PLAIN)
    with pytest.raises(VaultLocked, match="SEAMARK_CENTRE_KEY"):
        Vault(vault.root, [OTHER]).get(CENTRE, file)


@pytest.mark.parametrize("at", [0, 4, 12, 30, 80, 90, -1])
def test_a_changed_byte_anywhere_is_noticed(vault: Vault, at: int) -> None:
    file = uuid.uuid4()
    vault.put(CENTRE, file, PLAIN)
    raw = bytearray(vault.path(CENTRE, file).read_bytes())
    raw[at] ^= 1
    vault.path(CENTRE, file).write_bytes(raw)
    with pytest.raises((VaultDamaged, VaultLocked)):
        vault.get(CENTRE, file)


def test_a_shortened_file_is_noticed(vault: Vault) -> None:
    file = uuid.uuid4()
    vault.put(CENTRE, file, PLAIN)
    whole = vault.path(CENTRE, file).read_bytes()
    for length in (0, 3, 20, 90, len(whole) - 1):
        vault.path(CENTRE, file).write_bytes(whole[:length])
        with pytest.raises(VaultDamaged):
            vault.get(CENTRE, file)


def test_a_file_put_in_anothers_place_does_not_open(vault: Vault) -> None:
    mine, theirs = uuid.uuid4(), uuid.uuid4()
    vault.put(CENTRE, mine, PLAIN)
    vault.put(CENTRE, theirs, b"theirs")
    vault.path(CENTRE, theirs).write_bytes(vault.path(CENTRE, mine).read_bytes())
    with pytest.raises(VaultDamaged):
        vault.get(CENTRE, theirs)
    target = vault.path(NEXT, mine)
    target.parent.mkdir(parents=True)
    target.write_bytes(vault.path(CENTRE, mine).read_bytes())
    with pytest.raises(VaultDamaged):
        vault.get(NEXT, mine)


def test_an_id_is_used_once(vault: Vault) -> None:
    file = uuid.uuid4()
    vault.put(CENTRE, file, PLAIN)
    with pytest.raises(FileExistsError):
        vault.put(CENTRE, file, b"other")


def test_after_a_change_of_keys_old_files_open_and_can_be_put_under_the_new_one(vault: Vault) -> None:
    file = uuid.uuid4()
    vault.put(CENTRE, file, PLAIN)
    both = Vault(vault.root, [OTHER, KEY])
    assert both.get(CENTRE, file) == PLAIN
    assert both.rewrap(CENTRE, file)
    assert not both.rewrap(CENTRE, file)
    assert Vault(vault.root, [OTHER]).get(CENTRE, file) == PLAIN
    assert list(both.files()) == [(CENTRE, file)]
    with pytest.raises(VaultLocked):
        vault.get(CENTRE, file)


def test_the_kept_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    keys: list[bytes] = []
    makers = [threading.Thread(target=lambda: keys.append(kept_key(tmp_path / "keys"))) for _ in range(6)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert len(set(keys)) == 1
    assert (tmp_path / "keys" / "centre.key").stat().st_mode & 0o077 == 0
    assert os.listdir(tmp_path / "keys") == ["centre.key"]  # noqa: PTH208 - names alone
    (tmp_path / "keys" / "centre.key").write_text("nonsense")
    with pytest.raises(SettingInvalid, match="backup"):
        kept_key(tmp_path / "keys")


def test_a_key_is_32_bytes_in_base64() -> None:
    assert parse_key(base64.b64encode(KEY).decode()) == KEY
    for text in ("", "short", base64.b64encode(b"x" * 31).decode(), "é" * 44):
        with pytest.raises(ValueError, match="base64"):
            parse_key(text)
