"""What comes in from the pages of messages."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate

from notify.models import DeliveryState
from notify.robots import ROBOTS


class LedgerSchema(Schema):
    """Which lines of the ledger a list shows."""

    class Meta:
        unknown = EXCLUDE

    state = fields.String(load_default="", validate=validate.OneOf(["", *(s.value for s in DeliveryState)]))
    channel = fields.String(load_default="", validate=validate.OneOf(["", "app", "email", "webhook", "sms"]))
    cursor = fields.String(load_default=None)


class MailSchema(Schema):
    """Whether a person wants mail."""

    class Meta:
        unknown = EXCLUDE

    email = fields.String(required=True, validate=validate.OneOf(["on", "off"]))


class RhythmSchema(Schema):
    """When a person's mail comes: a rhythm for each topic (``rhythm_<topic>``), quiet hours or none."""

    class Meta:
        unknown = EXCLUDE

    quiet_from = fields.String(load_default="", validate=validate.Length(max=8))
    quiet_to = fields.String(load_default="", validate=validate.Length(max=8))


class WebhookSchema(Schema):
    """Where a firm's own system listens."""

    class Meta:
        unknown = EXCLUDE

    url = fields.String(required=True, validate=validate.Length(min=8, max=1000))


class RobotSchema(Schema):
    """Where a firm's group robot is."""

    class Meta:
        unknown = EXCLUDE

    shape = fields.String(required=True, validate=validate.OneOf([shape.value for shape in ROBOTS]))
    url = fields.String(required=True, validate=validate.Length(min=8, max=1000))
    secret = fields.String(load_default="", validate=validate.Length(max=200))


class StaffRobotSchema(RobotSchema):
    """Where a robot of the centre's own staff is, and what it is told of."""

    topics = fields.List(fields.String(), load_default=list)


class StaffRobotActSchema(Schema):
    """What an administrator does with such a robot."""

    class Meta:
        unknown = EXCLUDE

    act = fields.String(required=True, validate=validate.OneOf(["topics", "test", "remove"]))
    topics = fields.List(fields.String(), load_default=list)


class NumberSchema(Schema):
    """A phone number and the consent to use it."""

    class Meta:
        unknown = EXCLUDE

    number = fields.String(required=True, validate=validate.Length(min=5, max=40))
    agrees = fields.String(load_default="")


class CodeSchema(Schema):
    """The code that came by SMS."""

    class Meta:
        unknown = EXCLUDE

    code = fields.String(required=True, validate=validate.Length(min=1, max=12))


class TestSchema(Schema):
    """Which channel a test leaves by; none: every one the firm has."""

    class Meta:
        unknown = EXCLUDE

    channel = fields.String(load_default="", validate=validate.OneOf(["", "email", "webhook", "sms"]))
