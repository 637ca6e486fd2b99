"""What comes in from the pages of consultations."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load, validate, validates

from cases.taxonomy import load_taxonomy
from core.said import said
from experts.consents import Purpose
from experts.consultation_workflow import CONSULTATION_WORKFLOW, ConsultationState, Scenario

_ADDRESS = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")


def _text(most: int) -> fields.String:
    return fields.String(load_default="", validate=validate.Length(max=most))


class DraftSchema(Schema):
    """The answers of a consultation; what is empty is told later."""

    class Meta:
        unknown = EXCLUDE

    scenario = fields.String(load_default="", validate=validate.OneOf([s.value for s in Scenario]))
    story = _text(5_000)
    region = _text(20)
    venue = _text(200)
    docket_number = _text(100)
    #: one name a line
    opponents = _text(3_000)
    known_on = fields.Date(load_default=None, allow_none=True)
    question = _text(3_000)
    contact_name = _text(100)
    contact_phone = _text(50)
    contact_email = fields.String(load_default="", validate=validate.Length(max=254))
    language = fields.String(load_default="zh", validate=validate.OneOf(["zh", "en"]))
    act = fields.String(load_default="continue", validate=validate.OneOf(["save", "continue"]))
    alert = fields.UUID(load_default=None)
    case = fields.UUID(load_default=None)
    #: of the draft that was looked at; none for a new one
    version = fields.Integer(load_default=None)

    @validates("region")
    def known_region(self, value: str, **kwargs: Any) -> None:
        """A region is one of the taxonomy's."""
        if value and load_taxonomy().entry(value) is None:
            raise ValidationError(said("Choose the country or region."))

    @validates("contact_email")
    def looks_like_an_address(self, value: str, **kwargs: Any) -> None:
        """An address has something before and behind one @."""
        if value and not _ADDRESS.match(value):
            raise ValidationError(said("This is not an e-mail address."))


class StartSchema(Schema):
    """What a new consultation begins with."""

    class Meta:
        unknown = EXCLUDE

    alert = fields.UUID(load_default=None)
    case = fields.UUID(load_default=None)
    scenario = fields.String(load_default="", validate=validate.OneOf([s.value for s in Scenario]))


class SubmitSchema(Schema):
    """What is agreed to at submission."""

    class Meta:
        unknown = EXCLUDE

    truth = fields.Boolean(load_default=False)
    notice = fields.Boolean(load_default=False)
    expert = fields.Boolean(load_default=False)
    version = fields.Integer(required=True)


class ListSchema(Schema):
    """Which consultations a list shows."""

    class Meta:
        unknown = EXCLUDE

    state = fields.String(
        load_default="", validate=validate.OneOf(["open", *(state.value for state in ConsultationState)])
    )
    due = fields.String(load_default="", validate=validate.OneOf(["overdue", "soon"]))
    cursor = fields.String(load_default=None)


class StepSchema(Schema):
    """A step, the version it is taken from, and what it carries."""

    class Meta:
        unknown = EXCLUDE

    step = fields.String(
        required=True, validate=validate.OneOf([s.name for s in CONSULTATION_WORKFLOW.steps])
    )
    version = fields.Integer(required=True)
    urgency = _text(10)
    reason = _text(50)
    note = _text(2_000)
    conflict = _text(2_000)
    expert = fields.UUID(load_default=None)
    into = fields.UUID(load_default=None)
    satisfaction = fields.Integer(load_default=None)
    words = _text(2_000)
    remarks = _text(2_000)
    signed_as = _text(100)


class OutcomeSchema(Schema):
    """How a matter came out."""

    class Meta:
        unknown = EXCLUDE

    version = fields.Integer(required=True)
    outcome = _text(20)
    #: whole yuan
    cost_saved = fields.Integer(load_default=None, validate=validate.Range(max=10**15))
    saving_method = _text(2_000)
    saving_confirmer = _text(200)

    @pre_load
    def leave_out_an_empty_amount(self, data: Any, **kwargs: Any) -> dict[str, Any]:
        """An empty amount is none; commas between the digits are taken away."""
        told = dict(data.items())
        amount = str(told.get("cost_saved", "")).replace(",", "").replace(",", "").strip()
        return (
            {**told, "cost_saved": amount} if amount else {k: v for k, v in told.items() if k != "cost_saved"}
        )


class FollowUpSchema(Schema):
    """What the firm said when it was asked again."""

    class Meta:
        unknown = EXCLUDE

    note = _text(2_000)


class ClearSchema(Schema):
    """Which held expert is cleared, and why."""

    class Meta:
        unknown = EXCLUDE

    version = fields.Integer(required=True)
    expert = fields.UUID(load_default=None)
    reason = _text(2_000)
    screen = _text(2_000)


class ObjectionSchema(Schema):
    """Why the firm objects to its expert."""

    class Meta:
        unknown = EXCLUDE

    version = fields.Integer(required=True)
    objection = _text(2_000)
    #: whom it is about; none for the leading expert
    expert = fields.UUID(load_default=None)


class ObjectionAnswerSchema(Schema):
    """What the centre makes of an objection."""

    class Meta:
        unknown = EXCLUDE

    version = fields.Integer(required=True)
    uphold = fields.Boolean(required=True)
    answer = _text(2_000)


class MessageSchema(Schema):
    """A message."""

    class Meta:
        unknown = EXCLUDE

    text = _text(5_000)
    #: keys of the parties who read it beside the centre
    readers = fields.List(fields.String(validate=validate.Length(max=40)), load_default=list)
    secrecy = _text(20)
    reply_to = fields.Integer(load_default=None)


class MessagesSchema(Schema):
    """Which messages a page shows."""

    class Meta:
        unknown = EXCLUDE

    #: only those written before this one
    before = fields.Integer(load_default=None)
    #: the one that is being answered
    reply = fields.Integer(load_default=None)


class ConsentSchema(Schema):
    """A consent to one purpose, given or taken back."""

    class Meta:
        unknown = EXCLUDE

    purpose = fields.String(required=True, validate=validate.OneOf([purpose.value for purpose in Purpose]))
    given = fields.Boolean(required=True)


class OpinionSchema(Schema):
    """What an expert saves or sends; the sections are read beside it."""

    class Meta:
        unknown = EXCLUDE

    act = fields.String(load_default="save", validate=validate.OneOf(["save", "send"]))
    version = fields.Integer(required=True)
    #: opinions beside that it cites
    cites = fields.List(fields.UUID(), load_default=list)


class AskBesideSchema(Schema):
    """Who is asked to write beside, and what."""

    class Meta:
        unknown = EXCLUDE

    version = fields.Integer(required=True)
    expert = fields.UUID(load_default=None)
    question = _text(2_000)
    note = _text(2_000)


class BesideStepSchema(Schema):
    """A step of an opinion beside."""

    class Meta:
        unknown = EXCLUDE

    step = fields.String(required=True, validate=validate.OneOf(["declare", "decline", "take_back"]))
    version = fields.Integer(required=True)
    conflict = _text(2_000)


class OpenBesideSchema(Schema):
    """Why what is in is opened before all is in."""

    class Meta:
        unknown = EXCLUDE

    version = fields.Integer(required=True)
    reason = _text(2_000)


class BesideOpinionSchema(Schema):
    """What an expert beside saves or hands in."""

    class Meta:
        unknown = EXCLUDE

    act = fields.String(load_default="save", validate=validate.OneOf(["save", "hand_in"]))
    version = fields.Integer(required=True)
    opinion = fields.String(load_default="")
