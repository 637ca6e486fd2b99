"""Reading a table somebody brings: CSV, XLSX or JSON Lines, as rows of text with their numbers."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from core.errors import BadInput

MAX_BYTES = 20_000_000
MAX_ROWS = 200_000


def read_table(filename: str, content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of a table as (number as the user's program shows it, {column: text}).

    Args:
        filename: its ending says the format: .csv, .xlsx or .jsonl.
        content: the bytes; UTF-8 or GB 18030 for CSV.

    Raises:
        BadInput: unknown format, over 20 MB or 200,000 rows, undecodable, no header.
    """
    if len(content) > MAX_BYTES:
        raise BadInput(f"{filename} has {len(content):,} bytes; at most {MAX_BYTES:,} are read.", fix="Split the file.")
    ending = filename.rsplit(".", 1)[-1].lower()
    readers = {"csv": _csv, "xlsx": _xlsx, "jsonl": _jsonl}
    if ending not in readers:
        raise BadInput(f"{filename} is not a table Seamark reads.", fix="Save it as CSV (UTF-8), XLSX or JSONL.")
    for count, (number, row) in enumerate(readers[ending](filename, content), start=1):
        if count > MAX_ROWS:
            raise BadInput(f"{filename} has more than {MAX_ROWS:,} rows.", fix="Split the file.")
        if any(row.values()):
            yield number, row


def _csv(filename: str, content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError as error:
            raise BadInput(
                f"{filename} is neither UTF-8 nor GB 18030 (byte {error.start}).", fix="Save it as CSV UTF-8."
            ) from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = _header(filename, next(reader, []))
        for cells in reader:
            yield reader.line_num, _named(header, cells)
    except csv.Error as error:
        raise BadInput(f"{filename}, line {reader.line_num}: {error}.", fix="Mend the quoting of that line.") from error


def _xlsx(filename: str, content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise BadInput(f"{filename} is not a readable XLSX workbook.", fix="Save it again as .xlsx or CSV.") from error
    try:
        rows = book.worksheets[0].iter_rows(values_only=True)
        header = _header(filename, [_cell(c) for c in next(rows, ())])
        for number, cells in enumerate(rows, start=2):
            yield number, _named(header, [_cell(c) for c in cells])
    finally:
        book.close()


def _jsonl(filename: str, content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    for number, line in enumerate(content.decode("utf-8-sig", errors="replace").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise BadInput(f"{filename}, line {number} is not JSON: {error}.", fix="Mend that line.") from error
        if not isinstance(row, dict):
            raise BadInput(f"{filename}, line {number} is not a JSON object.", fix="Write one object a line.")
        yield number, {str(key): _cell(value) for key, value in row.items()}


def _header(filename: str, cells: list[str]) -> list[str]:
    header = [cell.strip().lower() for cell in cells]
    if not any(header):
        raise BadInput(f"{filename} is empty or has no header row.", fix="Put the column names in the first row.")
    return header


def _named(header: list[str], cells: list[str]) -> dict[str, str]:
    return {name: cell.strip() for name, cell in zip(header, cells, strict=False) if name}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
