"""Bring the catalogue in step with the sentences of templates and code, and compile it: ``make words``.

A new sentence gets an empty Chinese and is listed; one that nobody asks for any more is dropped; nothing is guessed.
Exits 1 while a sentence has no Chinese.
"""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "translations" / "zh_Hans_CN" / "LC_MESSAGES"


def main() -> None:
    """Renew messages.po and messages.mo."""
    mapping, options = parse_mapping_cfg(io.StringIO((ROOT / "babel.cfg").read_text()))
    wanted = {
        message
        for _, _, message, _, _ in extract_from_dir(
            str(ROOT), mapping, options, keywords={**DEFAULT_KEYWORDS, "said": None}, comment_tags=()
        )
    }
    with (FOLDER / "messages.po").open("rb") as stream:
        old = read_po(stream, locale="zh_Hans_CN")
    # Two branches that add the same sentence leave it twice; the last one with a Chinese counts.
    known = {message.id: message.string for message in old if message.id and message.string}
    # Dates that stand still keep the file free of changes that say nothing.
    stamp = datetime(2026, 1, 1, tzinfo=UTC)
    new = Catalog(
        locale="zh_Hans_CN",
        project="Seamark",
        version="1",
        header_comment="# The Chinese of Seamark's sentences; kept in step by `make words`.",
        msgid_bugs_address="none",
        last_translator="Seamark",
        language_team="zh_Hans_CN",
        creation_date=stamp,
        revision_date=stamp,
        fuzzy=False,
    )
    for message in wanted:
        plain = message if isinstance(message, str) else tuple(message)
        new.add(
            plain,
            known.get(plain) or known.get(message),
            flags=["python-format"] if "%(" in str(plain) else [],
        )
    with (FOLDER / "messages.po").open("wb") as stream:
        write_po(stream, new, sort_output=True, omit_header=False, width=0)
    with (FOLDER / "messages.po").open("rb") as stream:
        kept = read_po(stream, locale="zh_Hans_CN")
    with (FOLDER / "messages.mo").open("wb") as stream:
        write_mo(stream, kept)
    empty = [m.id for m in kept if m.id and not all(m.string if isinstance(m.string, tuple) else [m.string])]
    for message in empty:
        print("no Chinese yet:", message, file=sys.stderr)
    sys.exit(1 if empty else 0)


if __name__ == "__main__":
    main()
