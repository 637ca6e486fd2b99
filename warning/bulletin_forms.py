"""What comes in from the pages of bulletins: fixed fields by schema, paragraphs and dates by their numbered names."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate
from werkzeug.datastructures import MultiDict

from cases.schemas import CaseSearchSchema
from cases.taxonomy import load_taxonomy
from core.errors import BadInput
from core.said import said
from core.web import load
from warning.bulletin_checks import DECLARATIONS
from warning.bulletin_counts import FILED, LATEST
from warning.bulletin_draft import KINDS, SCOPES, SECTIONS
from warning.bulletin_workflow import BulletinState
from warning.bulletins import Edit
from warning.severity import LEVELS

_TEXT = validate.Length(max=4000)
_LINE = 300
_ROW = re.compile(r"^(?P<id>[pd]\d{1,4}|new-[a-z_]+)-(?:zh|en)$")
#: rows of paragraphs and dates a form may bring
_MANY = 200


class BulletinListSchema(Schema):
    """Which published bulletins a list shows."""

    class Meta:
        unknown = EXCLUDE

    level = fields.String(load_default="", validate=validate.OneOf(["", *LEVELS]))
    region = fields.String(load_default="", validate=validate.Length(max=20))
    industry = fields.String(load_default="", validate=validate.Length(max=100))
    cursor = fields.String(load_default=None)


class EditionSchema(Schema):
    """Which edition of a bulletin is shown."""

    class Meta:
        unknown = EXCLUDE

    edition = fields.Integer(load_default=None, validate=validate.Range(min=1, max=10_000))


class PaperSchema(EditionSchema):
    """Which edition of a bulletin is printed, and in which form ("": the centre's own)."""

    class Meta:
        unknown = EXCLUDE

    form = fields.String(load_default="", validate=validate.OneOf(["", "plain", "red"]))


class CountedSchema(EditionSchema):
    """Which count of which edition."""

    class Meta:
        unknown = EXCLUDE

    source = fields.Integer(load_default=1, validate=validate.Range(min=1, max=10_000))


class OfficeSchema(Schema):
    """How a centre prints, and the version its reader saw."""

    class Meta:
        unknown = EXCLUDE

    has_red_head = fields.Boolean(load_default=False)
    mark_zh = fields.String(load_default="", validate=validate.Length(max=60))
    mark_en = fields.String(load_default="", validate=validate.Length(max=60))
    version = fields.Integer(required=True)


class DeskSchema(Schema):
    """Which editions the desk shows."""

    class Meta:
        unknown = EXCLUDE

    state = fields.String(load_default="", validate=validate.OneOf(["", *(s.value for s in BulletinState)]))
    cursor = fields.String(load_default=None)


class DraftSchema(Schema):
    """From which case a draft is made."""

    class Meta:
        unknown = EXCLUDE

    case = fields.String(required=True)


class _Names(fields.Field[tuple[str, ...]]):
    """Names, one a line."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[str, ...]:
        lines = [" ".join(line.split()) for line in str(value)[:20_000].splitlines()]
        return tuple(dict.fromkeys(line for line in lines if line))


def _known_industry(value: str) -> None:
    if value not in load_taxonomy().industries:
        raise ValidationError(said("This is not one of ours: choose from the list."))


class AudienceSchema(Schema):
    """To which firms a bulletin goes, and whether to look first or to send."""

    class Meta:
        unknown = EXCLUDE

    act = fields.String(load_default="look", validate=validate.OneOf(["look", "send"]))
    industries = fields.List(fields.String(validate=_known_industry), load_default=list)
    regions = fields.List(fields.String(validate=validate.Length(max=20)), load_default=list)
    named = _Names(load_default=())
    by_watch = fields.Boolean(load_default=False)
    before = fields.Boolean(load_default=False)


class SurveySchema(CaseSearchSchema):
    """A search from which a draft is made: its filters, the kind, and what dates a case."""

    class Meta:
        unknown = EXCLUDE

    kind = fields.String(load_default="topic", validate=validate.OneOf(list(KINDS)))
    by = fields.String(load_default=LATEST, validate=validate.OneOf([FILED, LATEST]))
    signal = fields.UUID(load_default=None)


class StepSchema(Schema):
    """A step of the workflow, the version its reader saw, and what it needs."""

    class Meta:
        unknown = EXCLUDE

    step = fields.String(required=True, validate=validate.OneOf(["submit", "return", "approve", "sign"]))
    version = fields.Integer(required=True)
    note = fields.String(load_default="", validate=_TEXT)
    checked = fields.List(fields.String(validate=validate.Regexp(r"^[0-9a-f]{64}$")), load_default=list)
    declared = fields.List(fields.String(validate=validate.OneOf(list(DECLARATIONS))), load_default=list)


class ReasonSchema(Schema):
    """The version that whoever gives a reason looked at; the reason itself is read by :func:`read_reason`."""

    class Meta:
        unknown = EXCLUDE

    version = fields.Integer(load_default=0)


class EditSchema(Schema):
    """The fixed fields of the editing form."""

    class Meta:
        unknown = EXCLUDE

    act = fields.String(load_default="save", validate=validate.OneOf(["save", "preview"]))
    version = fields.Integer(required=True)
    origin = fields.String(load_default="zh", validate=validate.OneOf(["zh", "en"]))
    kind = fields.String(load_default="flash", validate=validate.OneOf(list(KINDS)))
    level = fields.String(required=True, validate=validate.OneOf(LEVELS))
    level_reason = fields.String(load_default="", validate=_TEXT)
    scope = fields.String(load_default="public", validate=validate.OneOf(list(SCOPES)))
    valid_until = fields.Date(load_default=None)
    disclosed = fields.List(fields.String(validate=validate.Length(max=36)), load_default=list)
    figures = fields.List(fields.String(validate=validate.Length(max=10)), load_default=list)


_EDIT, _REASON = EditSchema(), ReasonSchema()


def read_reason(form: MultiDict[str, str]) -> dict[str, Any]:
    """A public reason {zh, en} and the ``version`` its writer looked at. Raises BadInput naming fields."""
    version = load(_REASON, form)["version"]
    return {"zh": _text(form, "reason-zh"), "en": _text(form, "reason-en"), "version": version}


def read_edit(form: MultiDict[str, str]) -> tuple[Edit, dict[str, Any]]:
    """The edit that a form asks for, and its ``act`` and ``version``. Raises BadInput naming fields."""
    values = load(_EDIT, form)
    edit = Edit(
        title={language: _text(form, f"title-{language}", _LINE) for language in ("zh", "en")},
        contact={language: _text(form, f"contact-{language}", _LINE) for language in ("zh", "en")},
        kind=values["kind"],
        level=values["level"],
        level_reason=values["level_reason"].strip(),
        scope=values["scope"],
        valid_until=values["valid_until"],
        disclosed=frozenset(values["disclosed"]),
        figures=frozenset(values["figures"]),
        origin=values["origin"],
        paragraphs=tuple(_paragraph(form, row) for row in _rows(form, "p")),
        key_dates=tuple(_key_date(form, row) for row in _rows(form, "d")),
    )
    return edit, {"act": values["act"], "version": values["version"]}


def _rows(form: MultiDict[str, str], letter: str) -> list[str]:
    """The ids of the form's rows, in its order: those that stand, and one new of each section or date."""
    found = dict.fromkeys(m["id"] for name in form if (m := _ROW.match(name)))
    if len(found) > _MANY:
        raise BadInput(said("The form has more parts than a bulletin may have."))
    new = {f"new-{section}" for section in SECTIONS} if letter == "p" else {"new-date"}
    rows = [row for row in found if row in new or row.startswith(letter)]
    return [row for row in rows if _text(form, f"{row}-zh") or _text(form, f"{row}-en")]


def _text(form: MultiDict[str, str], name: str, most: int = 4000) -> str:
    text = form.get(name, "").replace("\0", "").replace("\r\n", "\n").strip()
    if len(text) > most:
        problem = said("This is too long: at most %(most)s characters.", most=most)
        raise BadInput(said("The bulletin is not ready."), fields={name: [problem]})
    return text


def _numbers(form: MultiDict[str, str], row: str) -> list[int]:
    told = form.getlist(f"{row}-sources")
    return sorted({int(n) for n in told if re.fullmatch(r"\d{1,4}", n)})


def _paragraph(form: MultiDict[str, str], row: str) -> dict[str, Any]:
    section = row.removeprefix("new-") if row.startswith("new-") else _text(form, f"{row}-section", 20)
    if section not in SECTIONS:
        raise BadInput(
            said("There is no such section."), fields={f"{row}-zh": [said("There is no such section.")]}
        )
    return {
        "id": row,
        "section": section,
        "type": _text(form, f"{row}-type", 20) or "fact",
        "audience": _text(form, f"{row}-audience", 20) if section == "advice" else "",
        "zh": _text(form, f"{row}-zh"),
        "en": _text(form, f"{row}-en"),
        "sources": _numbers(form, row),
    }


def _key_date(form: MultiDict[str, str], row: str) -> dict[str, Any]:
    told = _text(form, f"{row}-on", 10)
    try:
        on = date.fromisoformat(told).isoformat() if told else None
    except ValueError as error:
        problem = said("This is not a date: write it like 2026-03-02.")
        raise BadInput(said("The bulletin is not ready."), fields={f"{row}-on": [problem]}) from error
    return {
        "id": row,
        "on": on,
        "zh": _text(form, f"{row}-zh"),
        "en": _text(form, f"{row}-en"),
        "basis": _text(form, f"{row}-basis", _LINE),
        "sources": _numbers(form, row),
    }
