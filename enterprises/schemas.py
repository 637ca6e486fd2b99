"""What comes in: one row of a firm import."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates

from cases.taxonomy import load_taxonomy
from core.said import said
from enterprises.models import NameKind


class FirmRowSchema(Schema):
    """``firm,name,kind`` and, when known, ``source,since,industry,is_local``; many rows a firm."""

    class Meta:
        unknown = EXCLUDE

    firm = fields.String(required=True, validate=validate.Length(min=1, max=100))
    name = fields.String(required=True, validate=validate.Length(min=1, max=300))
    kind = fields.String(required=True, validate=validate.OneOf([kind.value for kind in NameKind]))
    source = fields.String(load_default="", validate=validate.Length(max=300))
    since = fields.Date(load_default=None, allow_none=True)
    industry = fields.String(load_default="")
    #: None: the row does not say
    is_local = fields.Boolean(load_default=None, allow_none=True)

    @validates("industry")
    def known_industry(self, value: str, **kwargs: Any) -> None:
        """Every id, separated by spaces or semicolons, must be the taxonomy's."""
        known = {industry.id for industry in load_taxonomy().industries.values()}
        for part in value.replace(";", " ").split():
            if part not in known:
                raise ValidationError(
                    said(
                        "%(value)s is not an industry id; one is %(example)s.", value=part, example=min(known)
                    )
                )
