"""What comes in from the pages of rules."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate

from warning.rules.texts import LONGEST


class RuleListSchema(Schema):
    """Which rules a list shows."""

    class Meta:
        unknown = EXCLUDE

    kind = fields.String(load_default="", validate=validate.Length(max=40))
    q = fields.String(load_default="", validate=validate.Length(max=100))
    cursor = fields.String(load_default=None)


class RuleTextSchema(Schema):
    """A typed rule, why, and what its author looked at: the edition in force and, for a draft, its revision."""

    class Meta:
        unknown = EXCLUDE

    text = fields.String(load_default="", validate=validate.Length(max=LONGEST))
    note = fields.String(load_default="", validate=validate.Length(max=1000))
    seen = fields.Integer(required=True)
    revision = fields.Integer(load_default=0)
    whole = fields.Boolean(load_default=True)


class RuleStepSchema(Schema):
    """What is done with a version, why, and the revision its author looked at."""

    class Meta:
        unknown = EXCLUDE

    step = fields.String(
        required=True, validate=validate.OneOf(["publish", "propose", "approve", "refuse", "withdraw"])
    )
    words = fields.String(load_default="", validate=validate.Length(max=1000))
    revision = fields.Integer(required=True)


class RollBackSchema(Schema):
    """To which edition a rule goes back (0: as shipped), why, and the edition its author looked at."""

    class Meta:
        unknown = EXCLUDE

    edition = fields.Integer(required=True, validate=validate.Range(min=0))
    note = fields.String(load_default="", validate=validate.Length(max=1000))
    seen = fields.Integer(required=True)
