"""What comes in from the pages of the register."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate

from enterprises.models import NameKind


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


class NameSchema(Schema):
    """A name for a firm."""

    class Meta:
        unknown = EXCLUDE

    name = fields.String(required=True, validate=validate.Length(min=1, max=300))
    kind = fields.String(required=True, validate=validate.OneOf([kind.value for kind in NameKind]))
    source = fields.String(load_default="", validate=validate.Length(max=300))
    since = fields.Date(load_default=None, allow_none=True)


class StationSchema(Schema):
    """A station's name, or what is done with it, and the version that was looked at."""

    class Meta:
        unknown = EXCLUDE

    act = fields.String(load_default="rename", validate=validate.OneOf(["rename", "close", "open"]))
    name = fields.String(load_default="", validate=validate.Length(max=300))
    version = fields.Integer(load_default=0)


class FirmStationSchema(Schema):
    """The station a firm is given to; none: no station."""

    class Meta:
        unknown = EXCLUDE

    station = fields.String(load_default="")


class RetireSchema(Schema):
    """Why a name is used no more."""

    class Meta:
        unknown = EXCLUDE

    reason = fields.String(required=True, validate=validate.Length(min=1, max=300))
