"""What comes in from the address of a case page."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate

from cases.documents import FACETS
from search.port import MAX_QUERY

_VALUES = {
    name: fields.List(fields.String(validate=validate.Length(max=100)), load_default=list) for name in FACETS
}


class CaseSearchSchema(Schema):
    """A question to the case search, as its address carries it."""

    class Meta:
        unknown = EXCLUDE

    q = fields.String(load_default="", validate=validate.Length(max=MAX_QUERY))
    sort = fields.String(load_default="", validate=validate.OneOf(["", "relevance", "newest", "oldest"]))
    since = fields.Date(load_default=None)
    until = fields.Date(load_default=None)
    ym = fields.String(load_default=None, validate=validate.Regexp(r"^[12]\d{3}-(0[1-9]|1[0-2])$"))
    status = fields.List(
        fields.String(validate=validate.OneOf(["public", "candidate", "dismissed"])), load_default=list
    )
    cursor = fields.String(load_default=None)


CaseSearchSchema._declared_fields.update(_VALUES)


class ExportSchema(CaseSearchSchema):
    """A search to be taken away as a file."""

    format = fields.String(load_default="csv", validate=validate.OneOf(["csv", "jsonl"]))


class ClockSchema(Schema):
    """A reader's own date on a case page: what happened, and when."""

    class Meta:
        unknown = EXCLUDE

    event = fields.String(load_default="", validate=validate.Length(max=100))
    on = fields.String(load_default="", validate=validate.Length(max=40))
