"""The vault: bytes of private matters, each file encrypted under a key of its own, that key under the centre's.

Unlike the evidence store nothing is named by its content: two owners with the same file have two files, and nobody
learns that they are the same. A file stands under its owner's id; moved to another centre or id it no longer opens.

Form: ``SMV1``, 8 bytes of the master key's id, nonce and wrapped data key, nonce and ciphertext (AES-256-GCM both).
The key that wraps is derived from the master key for each centre (HKDF-SHA-256). To change the master key, put the new
one before the old in SEAMARK_CENTRE_KEY, call :meth:`Vault.rewrap` for every file, then take the old one away; only
the wrapped keys are written again, no content is.
"""

from __future__ import annotations

import base64
import binascii
import errno
import hashlib
import os
import secrets
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import event
from sqlalchemy.orm import Session

from core.errors import NotFound, SettingInvalid, StoreFull, VaultDamaged, VaultLocked
from core.said import said

_MAGIC = b"SMV1"
_KEY, _NONCE, _TAG, _NAME = 32, 12, 16, 8
_WRAPPED = _NONCE + _KEY + _TAG
_HEAD = len(_MAGIC) + _NAME + _WRAPPED


def key_name(key: bytes) -> bytes:
    """The id of a master key: tells which one a file needs, and nothing of the key."""
    return hashlib.sha256(b"seamark master key\0" + key).digest()[:_NAME]


def parse_key(text: str) -> bytes:
    """A master key from its base64. Raises ValueError unless it is 32 bytes."""
    try:
        key = base64.b64decode(text, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("must be base64") from error
    if len(key) != _KEY:
        raise ValueError("must be 32 bytes in base64")
    return key


def kept_key(folder: Path) -> bytes:
    """The master key kept in ``folder`` (readable by its owner alone), made when there is none.

    Raises SettingInvalid when the file holds something else.
    """
    path = folder / "centre.key"
    if not path.exists():
        _make_key(folder, path)
    try:
        return parse_key(path.read_text().strip())
    except ValueError as error:
        raise SettingInvalid(
            f"The key in {path} cannot be used: it {error}.",
            fix="Restore it from a backup; without it the files of consultations cannot be read.",
        ) from error


def _make_key(folder: Path, path: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Written aside and linked into place: a reader never meets half a key, and of two makers one wins.
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".key-")
    try:
        with os.fdopen(handle, "w") as stream:
            stream.write(base64.b64encode(secrets.token_bytes(_KEY)).decode() + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        with suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        Path(temporary).unlink()


class Vault:
    """Encrypted files in a folder, ``<centre>/<ab>/<id>``.

    Args:
        root: the folder; made when missing.
        keys: master keys, the one in use first; the others open what they closed.
    """

    def __init__(
        self, root: Path, keys: Sequence[bytes], *, scan: Callable[[bytes], None] | None = None
    ) -> None:
        if not keys:
            raise ValueError("a vault needs a key")
        self.root = root
        self._keys = {key_name(key): key for key in reversed(keys)}
        self._current = key_name(keys[0])
        self._scan = scan

    def path(self, centre_id: uuid.UUID, file_id: uuid.UUID) -> Path:
        """Where a file stands. The last digits of an id are random; its first are a time."""
        return self.root / str(centre_id) / file_id.hex[-2:] / str(file_id)

    def put(self, centre_id: uuid.UUID, file_id: uuid.UUID, content: bytes) -> None:
        """Keep ``content`` under an id that is used once.

        Raises StoreFull, FileExistsError for an id in use, and what the scanner raises for what it does not let in.
        """
        if self._scan is not None:
            self._scan(content)
        if self.path(centre_id, file_id).exists():
            raise FileExistsError(f"the vault already holds {file_id}")
        self._write(self.path(centre_id, file_id), self.seal(centre_id, file_id, content))

    def seal(self, centre_id: uuid.UUID, owner_id: uuid.UUID, content: bytes) -> bytes:
        """``content`` in the vault's form, for a column of the row ``owner_id`` rather than a file."""
        key, nonce = secrets.token_bytes(_KEY), secrets.token_bytes(_NONCE)
        bound = self._bound(centre_id, owner_id)
        sealed = AESGCM(key).encrypt(nonce, content, bound)
        return self._head(key, self._current, centre_id, bound) + nonce + sealed

    def get(self, centre_id: uuid.UUID, file_id: uuid.UUID) -> bytes:
        """The bytes.

        Raises:
            NotFound: there is no such file.
            VaultLocked: it was encrypted under a master key this house does not hold.
            VaultDamaged: its bytes were changed, or it is another file's.
        """
        return self.open(centre_id, file_id, self._read(centre_id, file_id))

    def open(self, centre_id: uuid.UUID, owner_id: uuid.UUID, sealed: bytes) -> bytes:
        """What :meth:`seal` closed for this owner. Raises VaultLocked, VaultDamaged."""
        key, bound = self._data_key(sealed, centre_id, owner_id), self._bound(centre_id, owner_id)
        try:
            return AESGCM(key).decrypt(sealed[_HEAD : _HEAD + _NONCE], sealed[_HEAD + _NONCE :], bound)
        except (InvalidTag, ValueError) as error:
            raise _damaged(owner_id) from error

    def remove(self, centre_id: uuid.UUID, file_id: uuid.UUID) -> None:
        """Remove the bytes; harmless when they are gone."""
        self.path(centre_id, file_id).unlink(missing_ok=True)

    def keep(self, session: Session, centre_id: uuid.UUID, file_id: uuid.UUID, content: bytes) -> None:
        """:meth:`put` for a row of ``session`` that is yet to be written: bytes first, since a row without them would be a
        promise that cannot be kept. They go again when the transaction is rolled back. Raises as :meth:`put`."""
        self.put(centre_id, file_id, content)
        event.listen(session, "after_rollback", lambda _: self.remove(centre_id, file_id), once=True)

    def forget(self, session: Session, centre_id: uuid.UUID, file_id: uuid.UUID) -> None:
        """:meth:`remove` once ``session`` is committed: a rollback must find the bytes still there."""
        event.listen(session, "after_commit", lambda _: self.remove(centre_id, file_id), once=True)

    def rewrap(self, centre_id: uuid.UUID, file_id: uuid.UUID) -> bool:
        """Put the file under the master key in use; whether it was under another. Raises as :meth:`get`."""
        raw = self._read(centre_id, file_id)
        if raw[len(_MAGIC) : len(_MAGIC) + _NAME] == self._current:
            return False
        key, bound = self._data_key(raw, centre_id, file_id), self._bound(centre_id, file_id)
        self._write(
            self.path(centre_id, file_id), self._head(key, self._current, centre_id, bound) + raw[_HEAD:]
        )
        return True

    def files(self) -> Iterator[tuple[uuid.UUID, uuid.UUID]]:
        """(centre, id) of every file held."""
        if not self.root.is_dir():
            return
        for path in self.root.glob("*/*/*"):
            if not path.name.startswith("."):
                yield uuid.UUID(path.parent.parent.name), uuid.UUID(path.name)

    def _bound(self, centre_id: uuid.UUID, file_id: uuid.UUID) -> bytes:
        return _MAGIC + centre_id.bytes + file_id.bytes

    def _centre_key(self, name: bytes, centre_id: uuid.UUID) -> bytes:
        info = b"seamark vault 1\0" + centre_id.bytes
        return HKDF(algorithm=SHA256(), length=_KEY, salt=None, info=info).derive(self._keys[name])

    def _head(self, key: bytes, name: bytes, centre_id: uuid.UUID, bound: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return (
            _MAGIC
            + name
            + nonce
            + AESGCM(self._centre_key(name, centre_id)).encrypt(nonce, key, bound + name)
        )

    def _data_key(self, raw: bytes, centre_id: uuid.UUID, file_id: uuid.UUID) -> bytes:
        if len(raw) < _HEAD + _NONCE + _TAG or not raw.startswith(_MAGIC):
            raise _damaged(file_id)
        name, wrapped = raw[len(_MAGIC) : len(_MAGIC) + _NAME], raw[len(_MAGIC) + _NAME : _HEAD]
        if name not in self._keys:
            raise VaultLocked(
                f"The file {file_id} was encrypted under the key {name.hex()}, which this house does not hold.",
                fix="Put that key back: in SEAMARK_CENTRE_KEY after the present one, or as keys/centre.key.",
                key=name.hex(),
            )
        try:
            return AESGCM(self._centre_key(name, centre_id)).decrypt(
                wrapped[:_NONCE], wrapped[_NONCE:], self._bound(centre_id, file_id) + name
            )
        except InvalidTag as error:
            raise _damaged(file_id) from error

    def _read(self, centre_id: uuid.UUID, file_id: uuid.UUID) -> bytes:
        try:
            return self.path(centre_id, file_id).read_bytes()
        except FileNotFoundError as error:
            raise NotFound(said("The file is no longer kept.")) from error

    def _write(self, target: Path, content: bytes) -> None:
        temporary = ""
        try:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".part-")
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            Path(temporary).replace(target)
        except OSError as error:
            if temporary:
                Path(temporary).unlink(missing_ok=True)
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise StoreFull(
                    said("There is no room to keep the file."),
                    fix=said("Tell the people who run this service."),
                ) from error
            raise


def _damaged(file_id: uuid.UUID) -> VaultDamaged:
    return VaultDamaged(
        f"The file {file_id} does not open: its bytes were changed since they were kept.",
        fix="Restore it from a backup; do not rely on it.",
    )
