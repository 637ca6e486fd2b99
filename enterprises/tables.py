"""Reading a table somebody brings: CSV, XLSX or JSON Lines, as rows of text with their numbers."""

from __future__ import annotations

import csv
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from core.errors import BadInput
from core.said import said

MAX_BYTES = 20_000_000
MAX_ROWS = 200_000
#: a workbook is a zip file: what it may unpack to
_MAX_UNPACKED = 400_000_000
#: cells beginning so are run by spreadsheets; our exports put an apostrophe before them
FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")
#: what openpyxl and its parsers raise for a damaged workbook
_DAMAGED = (
    InvalidFileException,
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    EOFError,
    OSError,
    NotImplementedError,
)


def read_table(filename: str, content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of a table as (number as the user's program shows it, {column: text}).

    Args:
        filename: its ending says the format: .csv, .xlsx or .jsonl.
        content: the bytes; UTF-8 or GB 18030 for CSV, UTF-8 for JSONL.

    Raises:
        BadInput: unknown format, over 20 MB or 200,000 rows, undecodable, no header.
    """
    for number, row in read_records(filename, content):
        yield number, {name: _without_guard(_cell(value)) for name, value in row.items()}


def read_records(filename: str, content: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    """As :func:`read_table`, with what JSON Lines nest (lists, objects, numbers) left as it is; cells are texts.

    Raises BadInput likewise.
    """
    if len(content) > MAX_BYTES:
        raise BadInput(
            said("%(file)s is too large: at most 20 MB are read.", file=filename), fix=said("Split the file.")
        )
    ending = filename.rsplit(".", 1)[-1].lower()
    readers = {"csv": _csv, "xlsx": _xlsx, "jsonl": _jsonl}
    if ending not in readers:
        raise BadInput(
            said("%(file)s is not a table that can be read here.", file=filename),
            fix=said("Save it as CSV (UTF-8), XLSX or JSONL."),
        )
    for count, (number, row) in enumerate(readers[ending](filename, content), start=1):
        if count > MAX_ROWS:
            raise BadInput(
                said("%(file)s has more than 200,000 rows.", file=filename), fix=said("Split the file.")
            )
        if any(_cell(value) for value in row.values()):
            plain = (
                (name, _without_guard(value) if isinstance(value, str) else value)
                for name, value in row.items()
            )
            yield number, dict(plain)


def guarded(text: str) -> str:
    """``text`` as a cell that no spreadsheet runs as a formula; :func:`read_table` takes the guard away again."""
    return f"'{text}" if text.startswith(FORMULA_MARKS) else text


def _without_guard(text: str) -> str:
    return text[1:] if text[:1] == "'" and text[1:].startswith(FORMULA_MARKS) else text


def _csv(filename: str, content: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError as error:
            raise BadInput(
                said("%(file)s is neither UTF-8 nor GB 18030 text.", file=filename),
                fix=said("Save it again as CSV UTF-8."),
            ) from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = _header(filename, next(reader, []))
        for number, cells in enumerate(reader, start=2):
            yield number, _named(header, cells)
    except csv.Error as error:
        raise BadInput(
            said(
                "%(file)s, line %(line)s: the cells cannot be told apart (%(why)s).",
                file=filename,
                line=reader.line_num,
                why=error,
            ),
            fix=said("Mend the quotation marks of that line."),
        ) from error


def _xlsx(filename: str, content: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(member.file_size for member in packed.infolist()) > _MAX_UNPACKED:
                raise BadInput(
                    said("%(file)s unpacks to more than can be read at once.", file=filename),
                    fix=said("Split the file."),
                )
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except _DAMAGED as error:
        raise _unreadable(filename) from error
    try:
        rows = book.worksheets[0].iter_rows(values_only=True)
        header = _header(filename, [_cell(c) for c in next(rows, ())])
        for number, cells in enumerate(rows, start=2):
            yield number, _named(header, [_cell(c) for c in cells])
    except _DAMAGED as error:
        raise _unreadable(filename) from error
    finally:
        book.close()


def _unreadable(filename: str) -> BadInput:
    return BadInput(
        said("%(file)s is not a readable XLSX workbook.", file=filename),
        fix=said("Open it in your spreadsheet program and save it again as .xlsx or CSV."),
    )


def _jsonl(filename: str, content: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(
            said("%(file)s is not UTF-8 text.", file=filename), fix=said("Save it again as UTF-8.")
        ) from error
    # Not splitlines(): a JSON string may hold U+2028.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise _not_an_object(filename, number) from error
        if not isinstance(row, dict):
            raise _not_an_object(filename, number)
        yield number, {str(key).strip().lower(): value for key, value in row.items()}


def _not_an_object(filename: str, number: int) -> BadInput:
    return BadInput(
        said("%(file)s, line %(line)s is not a JSON object.", file=filename, line=number),
        fix=said("Write one object a line."),
    )


def _header(filename: str, cells: list[str]) -> list[str]:
    header = [cell.strip().lower() for cell in cells]
    if not any(header):
        raise BadInput(
            said("%(file)s is empty or has no header row.", file=filename),
            fix=said("Put the column names in the first row."),
        )
    return header


def _named(header: list[str], cells: list[str]) -> dict[str, Any]:
    # A row that ends early leaves its last cells empty.
    padded = [*cells, *[""] * (len(header) - len(cells))]
    return {name: cell.strip() for name, cell in zip(header, padded, strict=False) if name}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        # A spreadsheet keeps a date as midnight of that day.
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return " ".join(_cell(part) for part in value)
    return str(value).strip()
