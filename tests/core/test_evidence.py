"""The evidence store: whole or not at all, and checked when read."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest

from core.errors import EvidenceDamaged, NotFound, StoreFull
from core.evidence import EvidenceStore, FolderEvidenceStore, FsspecEvidenceStore, evidence_store


@pytest.fixture(params=["folder", "fsspec"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> EvidenceStore:
    if request.param == "folder":
        return evidence_store(str(tmp_path))
    return FsspecEvidenceStore(f"memory://{tmp_path.name}")


def test_bytes_come_back_under_their_hash(store: EvidenceStore) -> None:
    name = store.put(b"a docket")
    assert name == hashlib.sha256(b"a docket").hexdigest()
    assert store.get(name) == b"a docket"


def test_putting_twice_is_harmless(store: EvidenceStore) -> None:
    assert store.put(b"x") == store.put(b"x")


def test_unknown_bytes_are_not_found(store: EvidenceStore) -> None:
    with pytest.raises(NotFound):
        store.get("0" * 64)


def test_changed_bytes_are_not_handed_out(tmp_path: Path) -> None:
    store = FolderEvidenceStore(tmp_path)
    name = store.put(b"what the court said")
    store.path(name).write_bytes(b"what somebody wrote")
    with pytest.raises(EvidenceDamaged):
        store.get(name)


def test_a_half_written_file_is_written_again(tmp_path: Path) -> None:
    store = FolderEvidenceStore(tmp_path)
    name = store.put(b"what the court said")
    store.path(name).write_bytes(b"what")
    store.put(b"what the court said")
    assert store.get(name) == b"what the court said"


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(fd: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    store = FolderEvidenceStore(tmp_path)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreFull, match="is full"):
        store.put(b"x")
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []
