"""A file between its preview and its confirmation: kept in the home folder for a day, under its own digest."""

from __future__ import annotations

import errno
import hashlib
import re
import time
from pathlib import Path

from core.errors import NotFound, StoreFull
from core.said import said

_TOKEN = re.compile(r"^[0-9a-f]{64}$")
_KEEP_SECONDS = 86_400


def stage(folder: Path, owner: str, content: bytes) -> str:
    """Keep ``content`` for ``owner`` (an actor's name); returns the token that takes it out again."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        # The file system's own clock on both sides: how long a file lay here is no fact of the domain.
        if time.time() - old.stat().st_mtime > _KEEP_SECONDS:
            old.unlink(missing_ok=True)
    token = hashlib.sha256(owner.encode() + b"\0" + content).hexdigest()
    part = folder / f"{token}.part"
    try:
        part.write_bytes(content)
    except OSError as error:
        part.unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreFull(
                said("There is no room to keep the file."), fix=said("Tell the people who run this service.")
            ) from error
        raise
    part.replace(folder / token)
    return token


def take(folder: Path, owner: str, token: str) -> bytes:
    """What ``owner`` staged under ``token``. Raises NotFound when it is gone or somebody else's."""
    path = folder / token
    if _TOKEN.match(token) and path.is_file():
        content = path.read_bytes()
        if hashlib.sha256(owner.encode() + b"\0" + content).hexdigest() == token:
            return content
    raise NotFound(
        said("The uploaded file is no longer kept."),
        fix=said("Choose the file again; nothing was imported."),
    )


def discard(folder: Path, token: str) -> None:
    """Forget a staged file; harmless when it is gone."""
    if _TOKEN.match(token):
        (folder / token).unlink(missing_ok=True)
