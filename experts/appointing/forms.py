"""What the forms of calls, applications and standing may hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

from cases.taxonomy import load_taxonomy
from core.said import said
from core.text import collapse
from experts.appointing.entry import INTERESTS
from experts.appointing.workflow import CHECKS, CRITERIA, DOCUMENTS, EVALUATION, REFUSALS
from experts.fields import CHOSEN, LEVELS
from experts.vocabulary import vocabulary

#: qualifications an application has room for
ROWS = 3
_ROW = ("title", "number", "issuer", "region", "issued_on", "expires_on")


class _Form(Schema):
    class Meta:
        unknown = EXCLUDE


def _text(most: int) -> fields.String:
    return fields.String(load_default="", validate=validate.Length(max=most))


def _ids() -> fields.List[Any]:
    return fields.List(
        fields.String(validate=validate.Length(max=60)), load_default=list, validate=validate.Length(max=60)
    )


class CallForm(_Form):
    """A new call."""

    title_zh = fields.String(required=True, validate=validate.Length(min=2, max=200))
    title_en = _text(300)
    text_zh = fields.String(required=True, validate=validate.Length(min=2, max=20_000))
    text_en = _text(20_000)
    opens_on = fields.Date(required=True)
    closes_on = fields.Date(required=True)
    term_years = fields.Integer(load_default=3)


class StepForm(_Form):
    """A step of a call or an application."""

    step = fields.String(required=True, validate=validate.Length(max=40))
    version = fields.Integer(required=True)
    note = _text(2000)
    reason = fields.String(load_default="", validate=validate.OneOf(["", *REFUSALS]))


class AnswersForm(_Form):
    """What an applicant tells; anything may be left open."""

    act = fields.String(load_default="save", validate=validate.OneOf(["save", "submit"]))
    version = fields.Integer(required=True)
    name_zh = _text(100)
    name_en = _text(200)
    expert_class = _text(60)
    employer = _text(200)
    title = _text(200)
    languages = _ids()
    industries = _ids()
    dispute_types = _ids()
    cases_text = _text(10_000)
    publications = _text(5000)
    posts = _text(3000)
    hours = fields.Integer(load_default=None, validate=validate.Range(min=1, max=3000))
    bio = _text(5000)
    contact = _text(200)
    birth_year = fields.Integer(load_default=None, validate=validate.Range(min=1900, max=2020))
    id_last4 = fields.String(load_default="", validate=validate.Regexp(r"^$|^[0-9A-Za-z]{4}$"))
    consent_truth = fields.Boolean(load_default=False)
    consent_notice = fields.Boolean(load_default=False)
    consent_promise = fields.Boolean(load_default=False)
    for _n in range(ROWS):
        for _part in _ROW:
            locals()[f"q{_n}_{_part}"] = (
                fields.Date(load_default=None)
                if _part.endswith("_on")
                else fields.String(load_default="", validate=validate.Length(max=200))
            )
    del _n, _part

    @validates_schema
    def are_known(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        """Classes, languages, industries and disputes are known ones."""
        taxonomy, words = load_taxonomy(), vocabulary()
        for name, table in (
            ("languages", words.languages),
            ("industries", taxonomy.industries),
            ("dispute_types", taxonomy.dispute_types),
        ):
            if any(one not in table for one in data.get(name, ())):
                raise ValidationError(said("Choose from the list."), name)
        if data.get("expert_class") and data["expert_class"] not in words.experts:
            raise ValidationError(said("Choose from the list."), "expert_class")


def answers_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """A loaded form as :func:`experts.appointing.applying.tell` takes it."""
    told = {k: v for k, v in values.items() if k not in ("act", "version") and not k.startswith("q")}
    rows = []
    for n in range(ROWS):
        row = {part: values[f"q{n}_{part}"] for part in _ROW}
        if not collapse(row["title"]):
            continue
        for part in ("issued_on", "expires_on"):
            row[part] = row[part].isoformat() if row[part] else None
        rows.append({**row, "title": collapse(row["title"])})
    return {
        **told,
        "name_zh": collapse(told["name_zh"]),
        "id_last4": told["id_last4"].upper(),
        "qualifications": rows,
    }


class FileForm(_Form):
    """Which document a file is."""

    document = fields.String(load_default="other", validate=validate.OneOf(list(DOCUMENTS)))


class ObjectionForm(_Form):
    """An objection."""

    name = _text(100)
    contact = _text(200)
    ground = _text(5000)


class DecisionForm(_Form):
    """How an objection is decided."""

    version = fields.Integer(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(["dismissed", "upheld"]))
    decision = _text(2000)


class PanelForm(_Form):
    """Who marks and who watches over them."""

    version = fields.Integer(required=True)
    reviewers = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=30))
    supervisor = fields.UUID(load_default=None)


def marks_form() -> Schema:
    """A reviewer's marks."""
    points: dict[str, Any] = {c.id: fields.Integer(load_default=None) for c in CRITERIA}
    return _Form.from_dict({**points, "is_free": fields.Boolean(load_default=False), "words": _text(2000)})(
        unknown=EXCLUDE
    )


def check_form() -> Schema:
    """What the check found."""
    parts: dict[str, Any] = {"version": fields.Integer(required=True)}
    for item, _ in CHECKS:
        parts[f"{item}_result"] = fields.String(
            load_default="", validate=validate.OneOf(["", "met", "missing", "waived"])
        )
        parts[f"{item}_note"] = _text(500)
    return _Form.from_dict(parts)(unknown=EXCLUDE)


def evaluation_form() -> Schema:
    """A year's points."""
    points: dict[str, Any] = {p.id: fields.Integer(load_default=None) for p in EVALUATION}
    return _Form.from_dict({**points, "year": fields.Integer(required=True), "words": _text(2000)})(
        unknown=EXCLUDE
    )


class VerdictForm(_Form):
    """A change or a qualification, accepted or not."""

    accept = fields.Boolean(required=True)
    note = _text(500)


def own_form() -> Schema:
    """What an expert changes of their entry."""
    parts: dict[str, Any] = {
        "version": fields.Integer(required=True),
        "bio": _text(5000),
        "hours": fields.Integer(load_default=None, validate=validate.Range(min=0, max=3000)),
        "capacity": fields.Integer(load_default=3, validate=validate.Range(min=0, max=100)),
        "available": fields.Boolean(load_default=False),
        "away_from": fields.Date(load_default=None),
        "away_to": fields.Date(load_default=None),
        "name_en": _text(200),
        "title": _text(200),
        "employer": _text(200),
        "languages": _ids(),
        "industries": _ids(),
        "dispute_types": _ids(),
    }
    for name in CHOSEN:
        parts[f"see_{name}"] = fields.String(load_default="", validate=validate.OneOf(["", *LEVELS]))
    return _Form.from_dict(parts)(unknown=EXCLUDE)


class QualificationForm(_Form):
    """A qualification."""

    title = _text(200)
    issuer = _text(200)
    number = _text(100)
    verify_url = _text(500)
    issued_on = fields.Date(load_default=None)
    expires_on = fields.Date(load_default=None)


class InterestForm(_Form):
    """A declared interest."""

    kind = fields.String(load_default="client", validate=validate.OneOf(INTERESTS))
    name = _text(200)
    group_name = _text(200)
    note = _text(1000)
    from_on = fields.Date(load_default=None)
    until_on = fields.Date(load_default=None)


class CodeForm(_Form):
    """The code of a certificate."""

    code = fields.String(load_default="", validate=validate.Length(max=40))
