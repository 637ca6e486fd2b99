"""A self-hosted translation service over LibreTranslate's API (docs.libretranslate.com, API usage).

The service is the operator's own, so its host may be private; nothing else may be reached through it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import httpcore
import httpx

from core.errors import AddressRefused, FetchFailed
from core.outward.address import checked_url, pair_of, resolve, shown
from core.outward.transport import Deadline, GuardedTransport, OddEncoding, OverCap, read_body
from core.said import said

#: characters of one piece, and pieces of one request: models are slow, and a request must end
_PIECE, _PIECES = 2000, 8
_MOST_BYTES = 2_000_000
#: our codes of Chinese; newer services have the second
_CHINESE = ("zh", "zh-Hans")


class LibreTranslator:
    """Translates into simplified Chinese.

    Args:
        url: where the service is, without ``/translate``.
        key: its key; "" when it needs none.
        seconds: how long one request may take.
    """

    name = "LibreTranslate"

    def __init__(self, url: str, key: str = "", *, seconds: float = 60) -> None:
        self._base = checked_url(
            url, what="The address of the translation service", mend="Correct SEAMARK_TRANSLATE_URL."
        )
        port = self._base.port or (443 if self._base.scheme == "https" else 80)
        self._allowed = frozenset({pair_of(self._base.host, port)})
        self._key, self._seconds = key, seconds
        self._target = ""

    def __call__(self, text: str, language: str) -> str:
        """``text`` of ``language`` (BCP 47; "" when unknown) in Chinese, its paragraphs kept.

        Raises:
            FetchFailed: the service cannot be reached, refuses, or answers with something else than a translation.
        """
        pieces = _pieces(text)
        told: list[str] = []
        for start in range(0, len(pieces), _PIECES):
            told += self._translate(pieces[start : start + _PIECES], language.partition("-")[0] or "auto")
        return "\n".join(told)

    def _translate(self, pieces: Sequence[str], source: str) -> list[str]:
        asked: dict[str, Any] = {
            "q": list(pieces),
            "source": source,
            "target": self._chinese(),
            "format": "text",
        }
        if self._key:
            asked["api_key"] = self._key
        told = self._ask("POST", "/translate", asked)
        found = told.get("translatedText") if isinstance(told, dict) else None
        if (
            not isinstance(found, list)
            or len(found) != len(pieces)
            or not all(isinstance(t, str) for t in found)
        ):
            raise FetchFailed(
                said("The translation service answered with something else than a translation."),
                fix=said("Look whether SEAMARK_TRANSLATE_URL is a LibreTranslate service."),
            )
        return found

    def _chinese(self) -> str:
        if not self._target:
            languages = self._ask("GET", "/languages", None)
            rows = languages if isinstance(languages, list) else []
            codes = {row.get("code") for row in rows if isinstance(row, dict)}
            self._target = next((code for code in _CHINESE if code in codes), "")
        if not self._target:
            raise FetchFailed(
                said("The translation service does not know Chinese."),
                fix=said("Install its Chinese model, or clear SEAMARK_TRANSLATE_URL."),
            )
        return self._target

    def _ask(self, method: str, path: str, body: Any) -> Any:
        each = dict.fromkeys(("connect", "read", "write", "pool"), self._seconds)
        url = self._base.copy_with(raw_path=self._base.raw_path.rstrip(b"/") + path.encode())
        request = httpx.Request(
            method,
            url,
            headers={
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "User-Agent": "Seamark/0.1",
            },
            json=body,
            extensions={"timeout": each},
        )
        deadline = Deadline(self._seconds, time.monotonic)
        deadline.start(shown(url))
        transport = GuardedTransport(deadline, self._allowed, resolve, setting="SEAMARK_TRANSLATE_URL")
        try:
            with transport, closing(transport.handle_request(request)) as response:
                content = read_body(response, _MOST_BYTES)
        except AddressRefused:
            raise
        except (OverCap, OddEncoding, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            raise _unusable() from error
        except (httpcore.NetworkError, httpcore.UnsupportedProtocol) as error:
            raise FetchFailed(
                said("The translation service cannot be reached."),
                fix=said("Try again later; nothing was changed."),
            ) from error
        if response.status_code != 200:
            raise FetchFailed(
                said("The translation service answered HTTP %(status)s.", status=response.status_code),
                fix=said("Try again later; nothing was changed."),
            )
        try:
            return json.loads(content)
        except ValueError as error:
            raise _unusable() from error


def _unusable() -> FetchFailed:
    return FetchFailed(
        said("The translation service gave no answer that can be used in time."),
        fix=said("Try again later; nothing was changed."),
    )


def _pieces(text: str) -> list[str]:
    """Paragraphs, the long ones cut between sentences where that can be done."""
    out = []
    for paragraph in text.splitlines():
        rest = paragraph
        while len(rest) > _PIECE:
            ends = [
                at + len(mark) for mark in (". ", "; ", "。") if (at := rest.rfind(mark, 0, _PIECE - 1)) > 0
            ]
            cut = max(ends) if ends else rest.rfind(" ", 0, _PIECE) + 1 or _PIECE
            out.append(rest[:cut])
            rest = rest[cut:]
        out.append(rest)
    return out
