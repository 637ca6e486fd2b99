"""The evidence store: bytes under their SHA-256, written whole or not at all, checked when read."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from pathlib import Path
from typing import Protocol

import fsspec

from core.errors import EvidenceDamaged, NotFound, StoreFull


class EvidenceStore(Protocol):
    """The port: where a snapshot's bytes are kept."""

    def put(self, content: bytes) -> str:
        """Keep ``content``; returns its SHA-256 in hex. Putting the same bytes again is harmless."""
        ...

    def get(self, sha256: str) -> bytes:
        """The bytes. Raises NotFound, or EvidenceDamaged when they no longer match their name."""
        ...


class FolderEvidenceStore:
    """Evidence in a local folder, ``ab/abcdef…``; survives kill -9 and refuses a full disk without a trace.

    Args:
        root: the folder; made when missing.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)

    def path(self, sha256: str) -> Path:
        """Where the bytes called ``sha256`` stand."""
        return self.root / sha256[:2] / sha256

    def put(self, content: bytes) -> str:
        name = hashlib.sha256(content).hexdigest()
        target = self.path(name)
        if target.exists() and target.stat().st_size == len(content):
            return name
        temporary = ""
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".part-")
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            Path(temporary).replace(target)
        except OSError as error:
            if temporary:
                Path(temporary).unlink(missing_ok=True)
            if error.errno == errno.ENOSPC:
                raise StoreFull(
                    f"The disk that holds the evidence folder {self.root} is full; the snapshot was not kept.",
                    fix="Free some space and crawl again; the source will be asked for the same bytes.",
                ) from error
            raise
        return name

    def get(self, sha256: str) -> bytes:
        try:
            content = self.path(sha256).read_bytes()
        except FileNotFoundError as error:
            raise _missing(sha256, str(self.root)) from error
        return _checked(content, sha256)


class FsspecEvidenceStore:
    """Evidence behind any fsspec URL (``s3://bucket/prefix``); an object store writes whole objects by itself.

    Args:
        url: where; the protocol's own driver must be installed (s3fs for S3).
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._fs, self._root = fsspec.core.url_to_fs(self.url)

    def put(self, content: bytes) -> str:
        name = hashlib.sha256(content).hexdigest()
        target = f"{self._root}/{name[:2]}/{name}"
        if not self._fs.exists(target):
            self._fs.pipe_file(target, content)
        return name

    def get(self, sha256: str) -> bytes:
        try:
            content: bytes = self._fs.cat_file(f"{self._root}/{sha256[:2]}/{sha256}")
        except FileNotFoundError as error:
            raise _missing(sha256, self.url) from error
        return _checked(content, sha256)


def evidence_store(url: str) -> EvidenceStore:
    """The store for a folder path, ``file://`` URL or any other fsspec URL."""
    if "://" not in url:
        return FolderEvidenceStore(Path(url))
    if url.startswith("file://"):
        return FolderEvidenceStore(Path(url.removeprefix("file://")))
    return FsspecEvidenceStore(url)


def _missing(sha256: str, where: str) -> NotFound:
    return NotFound(
        f"The evidence {sha256} is not in {where}.", fix="Restore it from a backup, or crawl again."
    )


def _checked(content: bytes, sha256: str) -> bytes:
    actual = hashlib.sha256(content).hexdigest()
    if actual != sha256:
        raise EvidenceDamaged(
            f"The evidence {sha256} now hashes to {actual}: its bytes were changed.",
            fix="Restore it from a backup; do not rely on it.",
        )
    return content
