"""What a parsed case must be before it is recorded, whether a source's parser made it or somebody brings a file."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from cases.facts import RawCase, RawEvent, RawParty, RawRight
from cases.taxonomy import load_taxonomy
from core.errors import BadInput
from crawlers.feeds import FIRST_DAY, LAST_DAY, MAX_CASE_TEXT, MAX_EVENT_TEXT, MAX_LINE, excerpt
from crawlers.source import ParseResult, Rejected, as_json

#: a Schedule A suit names hundreds of defendants, a mass tort thousands of entries
_MAX_PARTIES = 5_000
_MAX_EVENTS = 50_000
_MAX_VALUES = 500


def _is_printable(value: str) -> bool:
    return not any(unicodedata.category(c) in ("Cc", "Cs") for c in value)


def _check_line(value: str) -> None:
    """One line without control characters: a database refuses NUL, a terminal obeys escapes."""
    if not _is_printable(value):
        raise ValidationError("holds a control character or half a surrogate pair.")
    if value != value.strip():
        raise ValidationError("begins or ends with white space.")


def _check_text(value: str) -> None:
    if not _is_printable(value.replace("\n", "").replace("\t", "")):
        raise ValidationError("holds a control character or half a surrogate pair.")


def _check_url(value: str) -> None:
    if not value:
        return
    _check_line(value)
    try:
        parts = urlsplit(value)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_web = False
    if not is_web:
        raise ValidationError("is no http or https address.")


def _check_day(value: date) -> None:
    if not FIRST_DAY <= value <= LAST_DAY:
        raise ValidationError(f"lies outside {FIRST_DAY.year}–{LAST_DAY.year}.")


def _check_venue(value: str) -> None:
    if value not in load_taxonomy().venues:
        raise ValidationError("is no venue of the taxonomy.")


def _line(longest: int, *, least: int = 1, **options: Any) -> fields.String:
    return fields.String(validate=[validate.Length(least, longest), _check_line], **options)


def _text(longest: int) -> fields.String:
    return fields.String(load_default="", validate=[validate.Length(max=longest), _check_text])


def _url() -> fields.String:
    return fields.String(load_default="", validate=[validate.Length(max=MAX_LINE), _check_url])


class PartySchema(Schema):
    """A party of a case."""

    name = _line(500, required=True)
    role = fields.String(required=True, validate=validate.Regexp(r"[a-z][a-z_]{1,39}\Z"))
    country = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Regexp(r"[A-Z]{2}\Z", error="Two capital letters."),
    )

    counsel = fields.List(_line(300), load_default=list, validate=validate.Length(max=50))

    @post_load
    def _party(self, values: dict[str, Any], **_: Any) -> RawParty:
        return RawParty(**{**values, "counsel": tuple(values["counsel"])})


class RightSchema(Schema):
    """A right a case is about."""

    kind = fields.String(required=True, validate=validate.Regexp(r"[a-z][a-z_]{1,39}\Z"))
    number = _line(100, required=True)

    @post_load
    def _right(self, values: dict[str, Any], **_: Any) -> RawRight:
        return RawRight(**values)


class EventSchema(Schema):
    """Something that happened on a docket."""

    on = fields.Date(load_default=None, allow_none=True, format="iso", validate=_check_day)
    kind = _line(500, least=0, load_default="")
    text = _text(MAX_EVENT_TEXT)
    url = _url()

    @validates_schema
    def _says_something(self, values: dict[str, Any], **_: Any) -> None:
        if not values.get("kind") and not values.get("text"):
            raise ValidationError("An event needs a kind or a text.")

    @post_load
    def _event(self, values: dict[str, Any], **_: Any) -> RawEvent:
        return RawEvent(**values)


class CaseSchema(Schema):
    """One docket, in the shape `seamark parse` prints. The caption may be empty: some courts leave it out of a feed."""

    source = fields.String(required=True, validate=validate.Regexp(r"[a-z][a-z0-9_]{1,59}\Z"))
    venue = fields.String(required=True, validate=_check_venue)
    docket_number = _line(100, required=True)
    caption = _line(MAX_LINE, least=0, required=True)
    filed_on = fields.Date(load_default=None, allow_none=True, format="iso", validate=_check_day)
    title = _line(MAX_LINE, least=0, load_default="")
    text = _text(MAX_CASE_TEXT)
    url = _url()
    parties = fields.List(
        fields.Nested(PartySchema), load_default=list, validate=validate.Length(max=_MAX_PARTIES)
    )
    rights = fields.List(
        fields.Nested(RightSchema), load_default=list, validate=validate.Length(max=_MAX_VALUES)
    )
    codes = fields.Dict(
        keys=fields.String(validate=validate.Regexp(r"[a-z][a-z0-9_]{0,19}\Z")),
        values=fields.List(_line(100), validate=validate.Length(max=_MAX_VALUES)),
        load_default=dict,
    )
    events = fields.List(
        fields.Nested(EventSchema), load_default=list, validate=validate.Length(max=_MAX_EVENTS)
    )
    outcome = _line(MAX_LINE, load_default=None, allow_none=True)
    demand = _line(100, load_default=None, allow_none=True)
    aliases = fields.List(_line(100), load_default=list, validate=validate.Length(max=_MAX_VALUES))
    language = fields.String(load_default="en", validate=validate.Regexp(r"[a-z]{2,3}(?:-[A-Za-z]{2,4})?\Z"))

    @post_load
    def _case(self, values: dict[str, Any], **_: Any) -> RawCase:
        for name in ("parties", "rights", "events", "aliases"):
            values[name] = tuple(values[name])
        values["codes"] = {scheme: tuple(told) for scheme, told in values["codes"].items()}
        return RawCase(**values)


_CASE = CaseSchema()


def load_case(record: Mapping[str, Any]) -> RawCase:
    """The case of one record in the shape `seamark parse` prints. Raises BadInput that names field and fault."""
    if not isinstance(record, Mapping):
        raise BadInput(
            f"A case is a JSON object, and this is {type(record).__name__}.",
            fix="Give one object a line, as `seamark parse` prints them.",
        )
    try:
        case: RawCase = _CASE.load(record)
    except ValidationError as error:
        raise BadInput(
            f"The case {_named(record)} cannot be used: {_fault(error)}",
            fix="Mend the field; `seamark parse` shows the shape.",
            errors=error.messages,
        ) from error
    return case


def validated(result: ParseResult) -> ParseResult:
    """``result`` with every case checked: one that cannot stand becomes a Rejected with the reason, the rest goes on.

    The position of such a case is its place among the cases.
    """
    kept: list[RawCase] = []
    refused: list[Rejected] = []
    for position, case in enumerate(result.cases):
        record = as_json(case) | {"aliases": list(case.aliases), "language": case.language}
        if faults := _CASE.validate(record):
            named = _named(record)
            refused.append(
                Rejected(position, _fault(ValidationError(faults)), excerpt(f"{named} {record['caption']}"))
            )
        else:
            kept.append(case)
    return ParseResult(kept, (*result.rejected, *refused), result.items)


def _named(record: Mapping[str, Any]) -> str:
    return excerpt(f"{record.get('venue', '?')} {record.get('docket_number', '?')}")


def _fault(error: ValidationError) -> str:
    """The first fault as "events[3].on: lies outside …", and how many more there are."""
    faults = list(_faults(error.messages))
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return excerpt(f"{faults[0]}{more}") if faults else "it is malformed"


def _faults(messages: Any, path: str = "") -> list[str]:
    if isinstance(messages, dict):
        return [fault for name, inner in messages.items() for fault in _faults(inner, _joined(path, name))]
    words = [str(m) for m in messages] if isinstance(messages, list) else [str(messages)]
    return [f"{path}: {word}" if path else word for word in words]


def _joined(path: str, name: object) -> str:
    if isinstance(name, int):
        return f"{path}[{name}]"
    if name in ("_schema", "value"):
        return path
    return f"{path}.{name}" if path else str(name)
