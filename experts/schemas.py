"""What comes in: a row of a library, strictly; and what pages ask.

A row is a line of JSON in the design's shape, or cells of a table. In a cell, several values are separated by ``;`` and
the parts of one by ``|``: an admission is ``place|qualification|from|to``, a case
``venue|dispute type|industry|on|role|client|opponent``, a client ``name|role|from|to``, an office
``place|address``, fees ``currency|from|to|cap|note``. Taxonomy ids, classes, places and dates must be known ones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates

from cases.taxonomy import load_taxonomy
from core.said import said
from experts.fields import CHOSEN, LEVELS
from experts.matching.places import region_code, venue_id
from experts.models import EntryStatus
from experts.vocabulary import vocabulary

_TAG = re.compile(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
_MOST = 300
#: where firms are; the taxonomy's regions are those abroad
HOME = "CN"
ADMISSION = ("place", "qualification", "from", "to")
CASE = ("venue", "dispute_type", "industry", "on", "role", "client", "opponent")
CLIENT = ("name", "role", "from", "to")
OFFICE = ("place", "address")
#: amounts are minor units of the currency
FEES = ("currency", "from", "to", "cap", "note")


class Cells(fields.Field[list[Any]]):
    """A list: JSON's own, or texts separated by ``;``. With ``parts``, a list of objects, whose parts a cell
    separates by ``|``."""

    def __init__(self, parts: tuple[str, ...] = ()) -> None:
        super().__init__(allow_none=True)
        self.parts = parts

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, str):
            listed: list[Any] = [cell.strip() for cell in value.split(";") if cell.strip()]
        elif isinstance(value, list):
            listed = value
        else:
            raise ValidationError(said("This is not a list: separate several values by ;."))
        if len(listed) > _MOST:
            raise ValidationError(said("These are too many values: at most %(most)s.", most=_MOST))
        return [self._object(one) for one in listed] if self.parts else [_plain(one) for one in listed]

    def _object(self, told: Any) -> dict[str, str]:
        if isinstance(told, Mapping):
            return {str(k): _plain(v) for k, v in told.items() if v is not None}
        cells = [part.strip() for part in _plain(told).split("|")]
        if len(cells) > len(self.parts):
            raise ValidationError(
                said("%(value)s has too many parts: write %(shape)s.", value=told, shape="|".join(self.parts))
            )
        return dict(zip(self.parts, cells, strict=False))


def _plain(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValidationError(said("This is not a text."))
    return str(value).strip()


def _day(told: str) -> str | None:
    if not told:
        return None
    try:
        return date.fromisoformat(told).isoformat()
    except ValueError as error:
        raise ValidationError(
            said("%(value)s is not a date: write it like 2026-03-02.", value=told)
        ) from error


def _known(value: str, table: Mapping[str, Any], example: str) -> str:
    identity = load_taxonomy().current(value)
    if identity not in table:
        raise ValidationError(
            said("%(value)s is no id of the taxonomy; one is %(example)s.", value=value, example=example)
        )
    return identity


def _place(told: Mapping[str, str]) -> dict[str, str]:
    """``venue`` or ``region`` of a place told by either name, or by ``place``."""
    name = told.get("venue") or told.get("region") or told.get("place") or ""
    taxonomy = load_taxonomy()
    if not told.get("region") and (venue := venue_id(name)) in {*taxonomy.venues, *taxonomy.venue_groups}:
        return {"venue": str(venue)}
    region = region_code(name)
    if region not in taxonomy.extra["by_code"] and region != HOME:
        raise ValidationError(
            said("%(value)s is no venue and no region that is known here.", value=name or "–")
        )
    return {"region": str(region)}


def _dated(told: Mapping[str, str]) -> dict[str, str | None]:
    since, until = _day(told.get("from", "")), _day(told.get("to", ""))
    if since and until and until < since:
        raise ValidationError(said("%(until)s is before %(since)s.", until=until, since=since))
    return {"from": since, "to": until}


def _admission(told: Mapping[str, str]) -> dict[str, Any]:
    return {**_place(told), "qualification": told.get("qualification", ""), **_dated(told)}


def _office(told: Mapping[str, str]) -> dict[str, Any]:
    return {**_place(told), "address": told.get("address", "")}


def _case(told: Mapping[str, str]) -> dict[str, Any]:
    taxonomy = load_taxonomy()
    role = told.get("role") or "support"
    if role not in ("lead", "support"):
        raise ValidationError(said("The role in a case is lead or support, not %(value)s.", value=role))
    out: dict[str, Any] = {"role": role, "on": _day(told.get("on", ""))}
    if told.get("venue"):
        out["venue"] = _known(venue_id(told["venue"]) or "", taxonomy.venues, "v.us.itc")
    if told.get("dispute_type"):
        out["dispute_type"] = _known(told["dispute_type"], taxonomy.dispute_types, "dt.patent_infringement")
    if told.get("industry"):
        out["industry"] = _known(told["industry"], taxonomy.industries, "ind.biopharma")
    return {**out, "client": told.get("client", ""), "opponent": told.get("opponent", "")}


def _client(told: Mapping[str, str]) -> dict[str, Any]:
    role = told.get("role") or "client"
    if role not in ("client", "adverse", "adviser"):
        raise ValidationError(
            said("The role of a client is client, adverse or adviser, not %(value)s.", value=role)
        )
    if not told.get("name"):
        raise ValidationError(said("A client needs a name."))
    return {"name": told["name"], "role": role, **_dated(told)}


class _RowSchema(Schema):
    class Meta:
        unknown = EXCLUDE

    id = fields.String(required=True, validate=validate.Length(min=1, max=100))
    name = fields.String(required=True, validate=validate.Length(min=1, max=300))
    name_en = fields.String(validate=validate.Length(max=300))
    class_id = fields.String(required=True, data_key="class")
    status = fields.String(validate=validate.OneOf([status.value for status in EntryStatus]))
    verified = fields.Boolean()
    languages = Cells()
    industries = Cells()
    dispute_types = Cells()
    clients = Cells(CLIENT)
    bio = fields.String(validate=validate.Length(max=5000), allow_none=True)
    visibility = fields.Raw(allow_none=True)
    is_sample = fields.Boolean()

    @validates("languages")
    def are_tags(self, value: list[str], **kwargs: Any) -> None:
        """Languages are BCP 47 tags."""
        for tag in value or ():
            if not _TAG.match(tag):
                raise ValidationError(said("%(value)s is no language tag: write zh, en, de.", value=tag))


class ExpertRowSchema(_RowSchema):
    """One expert."""

    admissions = Cells(ADMISSION)
    cases = Cells(CASE)
    employer = fields.Raw(allow_none=True)
    employer_group = fields.String(allow_none=True)
    capacity = fields.Integer(validate=validate.Range(min=0, max=100))
    available = fields.Boolean()
    feedback = fields.Raw(allow_none=True)
    title = fields.String(validate=validate.Length(max=200))
    hours = fields.Integer(validate=validate.Range(min=0, max=3000), allow_none=True)


class AgencyRowSchema(_RowSchema):
    """One agency."""

    offices = Cells(OFFICE)
    url = fields.String(
        validate=[validate.Length(max=500), validate.Regexp(r"^$|^https?://")], allow_none=True
    )
    fees = fields.Raw(allow_none=True)


def _ids(values: list[str], table: Mapping[str, Any], example: str) -> list[str]:
    return list(dict.fromkeys(_known(value, table, example) for value in values))


def _class(told: str, *, is_agency: bool) -> str:
    words = vocabulary()
    table = words.agencies if is_agency else words.experts
    identity = words.class_id(told, is_agency=is_agency)
    if identity not in table:
        raise ValidationError(
            said("%(value)s is no class; one is %(example)s.", value=told, example=next(iter(table)))
        )
    return identity


def _employer(told: Any, group: str | None) -> dict[str, str]:
    if isinstance(told, Mapping):
        return {"name": _plain(told.get("name") or ""), "group": _plain(told.get("group") or "")}
    return {"name": _plain(told or ""), "group": group or ""}


def _feedback(told: Any) -> dict[str, Any]:
    if not told:
        return {}
    if isinstance(told, Mapping):
        mean, n = told.get("mean"), told.get("n")
        is_told = type(mean) in (int, float) and type(n) is int
        if is_told and 1 <= float(str(mean)) <= 5 and int(str(n)) >= 0:
            return {"mean": mean, "n": n}
    raise ValidationError(said("Feedback is a mean of 1 to 5 and a number of answers."))


def _fees(told: Any) -> dict[str, Any]:
    if not told:
        return {}
    if not isinstance(told, Mapping):
        cells = [part.strip() for part in _plain(told).split("|")]
        told = dict(zip(FEES, cells, strict=False)) if len(cells) == len(FEES) else {"note": _plain(told)}
    out = {name: told[name] for name in FEES if told.get(name) not in (None, "")}
    for name in ("from", "to", "cap"):
        if name in out and not re.fullmatch(r"\d{1,12}", str(out[name])):
            raise ValidationError(said("An amount is a whole number of minor units, as fen or cents."))
    return {name: int(value) if name in ("from", "to", "cap") else str(value) for name, value in out.items()}


def _visibility(told: Any) -> dict[str, str]:
    if not told:
        return {}
    pairs = (
        told if isinstance(told, Mapping) else dict(p.partition("=")[::2] for p in _plain(told).split(";"))
    )
    for name, who in pairs.items():
        if name not in CHOSEN or who not in LEVELS:
            raise ValidationError(
                said(
                    "Visibility is field=public, field=members or field=staff; the fields are %(fields)s.",
                    fields=", ".join(CHOSEN),
                )
            )
    return dict(pairs)


def columns_of(row: Mapping[str, Any], *, is_agency: bool) -> dict[str, Any]:
    """A loaded row as columns of its table, each checked against the taxonomy.

    Raises ValidationError with the columns that cannot be used.
    """
    taxonomy = load_taxonomy()
    readers = {
        "class_id": lambda v: _class(v, is_agency=is_agency),
        "industries": lambda v: _ids(v, taxonomy.industries, "ind.biopharma"),
        "dispute_types": lambda v: _ids(v, taxonomy.dispute_types, "dt.patent_infringement"),
        "clients": lambda v: list(map(_client, v)),
        "admissions": lambda v: list(map(_admission, v)),
        "offices": lambda v: list(map(_office, v)),
        "cases": lambda v: list(map(_case, v)),
        "employer": lambda v: _employer(v, row.get("employer_group")),
        "feedback": _feedback,
        "fees": _fees,
        "visibility": _visibility,
    }
    names = {"id": "ref", "name": "name_zh", "class_id": "agency_class" if is_agency else "expert_class"}
    out: dict[str, Any] = {}
    problems: dict[str, list[Any]] = {}
    for field, value in row.items():
        if field == "employer_group" or value is None:
            continue
        try:
            out[names.get(field, field)] = readers[field](value) if field in readers else value
        except ValidationError as error:
            problems["class" if field == "class_id" else field] = list(error.messages)
    if problems:
        raise ValidationError(problems)
    return out


class LibraryListSchema(Schema):
    """Which entries a list shows."""

    class Meta:
        unknown = EXCLUDE

    q = fields.String(load_default="", validate=validate.Length(max=100))
    region = fields.String(load_default="", validate=validate.Length(max=40))
    dispute_type = fields.String(load_default="", validate=validate.Length(max=60))
    industry = fields.String(load_default="", validate=validate.Length(max=60))
    language = fields.String(load_default="", validate=validate.Length(max=20))
    qualification = fields.String(load_default="", validate=validate.Length(max=100))
    status = fields.String(
        load_default="", validate=validate.OneOf(["", *(status.value for status in EntryStatus)])
    )
    cursor = fields.String(load_default=None)


class StatusStepSchema(Schema):
    """A step an entry's status takes."""

    class Meta:
        unknown = EXCLUDE

    step = fields.String(
        required=True, validate=validate.OneOf(["suspend", "resume", "end_term", "renew", "exit", "remove"])
    )
    version = fields.Integer(required=True)
    reason = fields.String(load_default="", validate=validate.Length(max=500))


class ExportSchema(Schema):
    """The form of an export."""

    class Meta:
        unknown = EXCLUDE

    format = fields.String(load_default="csv", validate=validate.OneOf(["csv", "jsonl"]))
