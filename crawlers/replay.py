"""Recorded answers, from a folder with one folder a source: the same path through the crawler, without a network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from core.clock import Clock
from core.errors import BadInput
from crawlers.answers import Fetched
from crawlers.source import SourceSpec

#: what a recording's suffix says of its type; other files (notes, hidden ones) are not recordings
_TYPES = {
    ".xml": "application/xml",
    ".html": "text/html",
    ".htm": "text/html",
    ".json": "application/json",
}


class ReplayFetcher:
    """Reads ``folder/<source_id>/*``; a file of a source with courts begins with its court's code (``ilnd.xml``,
    ``cacd_2-25-cv-08768.xml``).

    Args:
        folder: the recordings.
        clock: says when each was "fetched".
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder, self._clock = folder, clock

    def answers(self, spec: SourceSpec) -> Iterator[tuple[str, Fetched]]:
        """(court or "", answer) for each recording of the source, in order of file name.

        The list is read at once and each file when its turn comes. Raises BadInput when there is nothing to read,
        or a file cannot be read or is larger than the source's answers may be.
        """
        paths = self._paths(spec)
        return ((_court(path, spec), self._answer(path, spec)) for path in paths)

    def _paths(self, spec: SourceSpec) -> list[Path]:
        folder = self.folder / spec.id
        try:
            paths = sorted(
                path
                for path in folder.iterdir()
                if path.suffix.lower() in _TYPES and not path.name.startswith(".") and path.is_file()
            )
        except OSError as error:
            raise BadInput(
                f"The recordings of {spec.id} cannot be read: {folder} ({error.strerror}).",
                fix=f"Put them into a folder named {spec.id}, or correct its permissions.",
            ) from error
        if not paths:
            raise BadInput(
                f"The folder {folder} has no recordings.",
                fix=f"Put files there that end in {', '.join(_TYPES)}"
                + ("; each name begins with its court's code." if spec.courts else "."),
            )
        return paths

    def _answer(self, path: Path, spec: SourceSpec) -> Fetched:
        try:
            with path.open("rb") as stream:
                content = stream.read(spec.max_bytes + 1)
        except OSError as error:
            raise BadInput(
                f"The recording {path} cannot be read ({error.strerror}).", fix="Correct its permissions."
            ) from error
        if len(content) > spec.max_bytes:
            raise BadInput(
                f"The recording {path} is larger than {spec.max_bytes} bytes, the most {spec.id} may answer.",
                fix="Check that it is one answer of this source.",
            )
        # Not the path: where somebody keeps recordings is nobody's business, and this is shown beside the case.
        return Fetched(
            url=f"recording:{spec.id}/{path.name}",
            content=content,
            fetched_at=self._clock.now(),
            content_type=_TYPES[path.suffix.lower()],
        )


def _court(path: Path, spec: SourceSpec) -> str:
    return re.split(r"[_.]", path.name, maxsplit=1)[0] if spec.courts else ""
