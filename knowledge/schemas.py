"""What comes in from the pages of knowledge."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate


class SignSchema(Schema):
    """A review that is recorded."""

    class Meta:
        unknown = EXCLUDE

    version = fields.Integer(required=True)
    reviewer = fields.String(load_default="", validate=validate.Length(max=100))
    qualification = fields.String(load_default="", validate=validate.Length(max=300))
