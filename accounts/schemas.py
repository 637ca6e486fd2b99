"""What comes in from the pages of accounts."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate

from core.actor import ACCOUNT_ROLES

_ROLES = fields.List(
    fields.String(validate=validate.OneOf([role.value for role in ACCOUNT_ROLES])), load_default=list
)


class NewUserSchema(Schema):
    """An account to be made."""

    class Meta:
        unknown = EXCLUDE

    email = fields.String(required=True, validate=validate.Length(min=3, max=254))
    roles = _ROLES
    firm = fields.String(load_default="", validate=validate.Length(max=300))
    expert = fields.String(load_default="", validate=validate.Length(max=300))
    station = fields.String(load_default="", validate=validate.Length(max=100))


class UserChangeSchema(Schema):
    """A change to an account, and the version the administrator looked at."""

    class Meta:
        unknown = EXCLUDE

    act = fields.String(required=True, validate=validate.OneOf(["roles", "disable", "enable", "reset"]))
    roles = _ROLES
    version = fields.Integer(required=True)


class LanguageSchema(Schema):
    """A chosen language."""

    class Meta:
        unknown = EXCLUDE

    locale = fields.String(required=True, validate=validate.OneOf(["zh", "en"]))
