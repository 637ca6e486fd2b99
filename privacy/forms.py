"""What comes in from the pages about people's own data."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate

from privacy.workflow import GRACE, REFUSALS, REQUEST_WORKFLOW, RequestKind

_WORDS = validate.Length(max=2000)


class _Form(Schema):
    class Meta:
        unknown = EXCLUDE


class AskForm(_Form):
    """A request for deletion or correction."""

    kind = fields.String(required=True, validate=validate.OneOf([kind.value for kind in RequestKind]))
    field = fields.String(load_default="email")
    proposed = fields.String(load_default="", validate=validate.Length(max=200))
    words = fields.String(load_default="", validate=_WORDS)
    understood = fields.Boolean(load_default=False)


class ContactForm(_Form):
    """Whom the centre speaks to."""

    contact_name = fields.String(load_default="", validate=validate.Length(max=100))
    contact_phone = fields.String(load_default="", validate=validate.Length(max=50))
    contact_email = fields.String(load_default="", validate=validate.Length(max=200))


class VersionForm(_Form):
    """The version that was seen."""

    version = fields.Integer(required=True)


class StepForm(VersionForm):
    """What the centre decides."""

    step = fields.String(required=True)
    grace = fields.String(load_default="week", validate=validate.OneOf(list(GRACE)))
    refusal = fields.String(load_default="", validate=validate.OneOf(["", *REFUSALS]))
    reason = fields.String(load_default="", validate=_WORDS)


class HoldForm(_Form):
    """Why something is held back from deletion."""

    subject = fields.String(required=True, validate=validate.OneOf(["account", "consultation"]))
    subject_id = fields.UUID(required=True)
    hold = fields.String(load_default="", validate=_WORDS)
    back = fields.UUID(load_default=None, allow_none=True)


class QueueQuery(_Form):
    """Which requests are listed."""

    state = fields.String(
        load_default="open", validate=validate.OneOf(["open", "all", *REQUEST_WORKFLOW.states])
    )


class RevealForm(_Form):
    """Why a masked value is needed."""

    reason = fields.String(load_default="")
