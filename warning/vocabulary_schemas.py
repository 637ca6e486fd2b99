"""What comes in from the pages of the vocabulary."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate

from cases.taxonomy.overlay import ADDABLE, LONGEST, TERM_KINDS, WrittenTerm

_IDS = validate.Length(max=100)


class TermListSchema(Schema):
    """Which terms a list shows."""

    class Meta:
        unknown = EXCLUDE

    kind = fields.String(load_default="industry", validate=validate.OneOf(TERM_KINDS))
    q = fields.String(load_default="", validate=_IDS)
    which = fields.String(load_default="", validate=validate.OneOf(["", "force", "retired"]))
    cursor = fields.String(load_default=None)


class NewTermSchema(Schema):
    """A term that is to be added: what it is, and what it is called."""

    class Meta:
        unknown = EXCLUDE

    kind = fields.String(load_default="industry", validate=validate.OneOf(list(ADDABLE)))
    id = fields.String(load_default="", validate=_IDS)
    zh = fields.String(load_default="", validate=_IDS)
    en = fields.String(load_default="", validate=_IDS)


class TermSchema(Schema):
    """A typed term, why, and what its author looked at: the edition in force and, for a draft, its revision."""

    class Meta:
        unknown = EXCLUDE

    kind = fields.String(required=True, validate=validate.OneOf(TERM_KINDS))
    zh = fields.String(load_default="", validate=validate.Length(max=300))
    en = fields.String(load_default="", validate=validate.Length(max=300))
    retired = fields.Boolean(load_default=False)
    replaced_by = fields.String(load_default="", validate=_IDS)
    ip_rights = fields.List(fields.String(validate=_IDS), load_default=list)
    base_severity = fields.Integer(load_default=0)
    track = fields.String(load_default="", validate=_IDS)
    after = fields.String(load_default="", validate=_IDS)
    aliases_zh = fields.String(load_default="", validate=validate.Length(max=8000))
    aliases_en = fields.String(load_default="", validate=validate.Length(max=8000))
    rule = fields.String(load_default="", validate=validate.Length(max=LONGEST))
    note = fields.String(load_default="", validate=validate.Length(max=1000))
    seen = fields.Integer(required=True)
    revision = fields.Integer(load_default=0)
    whole = fields.Boolean(load_default=True)


class CompareSchema(Schema):
    """Which two versions of the vocabulary are compared, by edition; 0: as shipped."""

    class Meta:
        unknown = EXCLUDE

    earlier = fields.Integer(load_default=None, validate=validate.Range(min=0))
    later = fields.Integer(load_default=None, validate=validate.Range(min=0))


def term_from(identity: str, values: dict[str, Any], rule: str) -> WrittenTerm:
    """What a loaded form says; ``rule`` is the text of the rule that comes with it."""
    kind = values["kind"]
    aliases = {
        language: tuple(line.strip() for line in values[f"aliases_{language}"].splitlines() if line.strip())
        for language in ("zh", "en")
        if kind in ("region", "venue")
    }
    is_retired = bool(values["retired"])
    return WrittenTerm(
        identity,
        kind,
        values["zh"].strip(),
        values["en"].strip(),
        is_retired,
        values["replaced_by"] or None if is_retired else None,
        tuple(values["ip_rights"]) if kind == "dispute_type" else (),
        values["base_severity"] if kind == "dispute_type" else 0,
        values["track"] if kind == "stage" else "",
        values["after"] or None if kind == "stage" else None,
        {language: words for language, words in aliases.items() if words},
        rule.replace("\r\n", "\n").strip(),
    )
