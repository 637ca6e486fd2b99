"""Asking the centre's own ClamAV daemon whether bytes hold malware, by its INSTREAM command.

The address is the operator's setting, never a person's. A scanner that is set and cannot be asked lets nothing in: what
nobody looked at would be kept as if somebody had.
"""

from __future__ import annotations

import socket
import struct
from urllib.parse import urlsplit

from core.errors import BadInput
from core.said import Said, said

#: seconds to connect, and between two answers
TIMEOUT = 20
_CHUNK = 64 * 1024
_AWAY = said("The file cannot be checked for malware now, so it was not kept.")
_FOUND = said("The file holds malware and was not kept.")


class ClamAV:
    """A scanner at ``tcp://host:port`` or ``unix:///path``."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)

    def __call__(self, content: bytes) -> None:
        """Raise BadInput when ``content`` holds malware, or when the scanner cannot be asked."""
        try:
            verdict = self._ask(content)
        except OSError as error:
            raise _refused(_AWAY) from error
        if verdict.endswith(" FOUND"):
            raise _refused(_FOUND)
        if not verdict.endswith(" OK"):
            raise _refused(_AWAY)

    def _ask(self, content: bytes) -> str:
        with self._connected() as line:
            line.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), _CHUNK):
                chunk = content[start : start + _CHUNK]
                line.sendall(struct.pack(">I", len(chunk)) + chunk)
            line.sendall(struct.pack(">I", 0))
            answer = b""
            while not answer.endswith(b"\0") and (more := line.recv(4096)):
                answer += more
        return answer.rstrip(b"\0").decode("utf-8", "replace")

    def _connected(self) -> socket.socket:
        if self._url.scheme == "unix":
            line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            line.settimeout(TIMEOUT)
            line.connect(self._url.path)
            return line
        return socket.create_connection((self._url.hostname or "", self._url.port or 3310), timeout=TIMEOUT)


def _refused(sentence: Said) -> BadInput:
    fix = said("Check it on your own machine, or send it again later; the centre can be asked by telephone.")
    return BadInput(sentence, fix=fix, fields={"file": [sentence]})
