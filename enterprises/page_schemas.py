"""What comes in from the pages of the register."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate


class FirmListSchema(Schema):
    """Which firms a list shows."""

    class Meta:
        unknown = EXCLUDE

    q = fields.String(load_default="", validate=validate.Length(max=100))
    cursor = fields.String(load_default=None)


class ImportConfirmSchema(Schema):
    """The previewed file that is to be imported."""

    class Meta:
        unknown = EXCLUDE

    token = fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}$"))
    filename = fields.String(required=True, validate=validate.Length(min=1, max=300))
