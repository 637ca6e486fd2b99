"""What the pages of what leads on take: forms and queries."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates

from cases.taxonomy import load_taxonomy
from core.said import said
from experts.consultation_workflow import SECRECY
from experts.onward.kinds import KINDS, REPORTS

_LONG = validate.Length(max=8000)
_SHORT = validate.Length(max=300)
#: what a list shows
LISTS = ("escalations", "joint", "referrals", "mediations")


def regions_known() -> list[str]:
    """Codes of countries and regions somebody may be in, the mainland first."""
    return ["CN", *sorted(code for code in load_taxonomy().extra["by_code"] if code != "CN")]


class _Form(Schema):
    class Meta:
        unknown = EXCLUDE


class _Placed(_Form):
    region = fields.String(load_default="")

    @validates("region")
    def is_known(self, value: str, **kwargs: Any) -> None:
        """A code of the taxonomy, or none yet."""
        if value and value not in regions_known():
            raise ValidationError(said("Choose from the list."))


class ListQuery(_Form):
    """Which list, and which of it."""

    kind = fields.String(load_default="", validate=validate.OneOf(["", *LISTS]))
    state = fields.String(load_default="open", validate=_SHORT)
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=10_000))


class BeginForm(_Form):
    """What is begun from a consultation: a report, a joint task, or a kind of referral."""

    what = fields.String(required=True, validate=validate.OneOf(["escalation", "joint", *KINDS]))


class StepForm(_Form):
    """A step, with whatever it needs."""

    step = fields.String(required=True, validate=validate.Length(max=40))
    version = fields.Integer(required=True)
    words = fields.String(load_default="", validate=_LONG)
    channel = fields.String(load_default="", validate=_SHORT)
    outcome = fields.String(load_default="", validate=_SHORT)
    checked = fields.List(fields.String(), load_default=list)
    departments = fields.List(fields.UUID(), load_default=list)


class ReportForm(_Form):
    """A report upward, as it is written."""

    version = fields.Integer(required=True)
    kind = fields.String(load_default="major", validate=validate.OneOf(list(REPORTS)))
    secrecy = fields.String(load_default="internal", validate=validate.OneOf(list(SECRECY)))
    facts = fields.String(load_default="", validate=_LONG)
    impact = fields.String(load_default="", validate=_LONG)
    measures = fields.String(load_default="", validate=_LONG)
    asked = fields.String(load_default="", validate=_LONG)
    files = fields.List(fields.String(), load_default=list)


class PackageQuery(_Placed):
    """For whom a package is taken out."""

    recipient = fields.String(load_default="", validate=_SHORT)
    region = fields.String(load_default="CN")


class TaskForm(_Form):
    """A joint task, as it is written; departments stand one a line of the form."""

    version = fields.Integer(required=True)
    title = fields.String(load_default="", validate=_SHORT)
    question = fields.String(load_default="", validate=_LONG)
    department = fields.List(fields.String(validate=_SHORT), load_default=list)
    days = fields.List(fields.Integer(), load_default=list)


class ReplyForm(_Form):
    """What a department replied."""

    reply = fields.String(load_default="", validate=_LONG)
    declined = fields.Boolean(load_default=False)


class ExtendForm(_Form):
    """More time for a department."""

    version = fields.Integer(required=True)
    days = fields.Integer(required=True)
    reason = fields.String(load_default="", validate=_SHORT)


class ReferralForm(_Form):
    """What is passed on, and to whom."""

    version = fields.Integer(required=True)
    passes = fields.List(fields.String(), load_default=list)
    files = fields.List(fields.String(), load_default=list)
    institutions = fields.List(fields.UUID(), load_default=list)


class AnswerForm(_Form):
    """What an institution answered."""

    version = fields.Integer(required=True)
    taken = fields.Boolean(required=True)
    note = fields.String(load_default="", validate=_SHORT)


class OtherForm(_Placed):
    """The other side, or a neutral."""

    version = fields.Integer(required=True)
    name = fields.String(load_default="", validate=_SHORT)
    institution = fields.String(load_default="", validate=_SHORT)


class ChallengeForm(_Form):
    """An objection to a neutral."""

    version = fields.Integer(required=True)
    reason = fields.String(load_default="", validate=_LONG)


class InsiderForm(_Form):
    """Somebody let in."""

    version = fields.Integer(required=True)
    user = fields.UUID(load_default=None)
    room = fields.String(load_default="", validate=_SHORT)
    reason = fields.String(load_default="", validate=_LONG)


class VersionForm(_Form):
    """A press of a button on a record."""

    version = fields.Integer(required=True)


class LinkForm(_Form):
    """Whose link is made anew."""

    neutral = fields.UUID(load_default=None)


class SayForm(_Form):
    """Words in a room."""

    room = fields.String(required=True, validate=_SHORT)
    text = fields.String(load_default="", validate=_LONG)


class MeetingForm(_Form):
    """A session."""

    on = fields.Date(load_default=None)
    how = fields.String(load_default="", validate=_SHORT)


class SeatForm(_Form):
    """What somebody does from their seat."""

    act = fields.String(required=True, validate=_SHORT)
    version = fields.Integer(load_default=0)
    words = fields.String(load_default="", validate=_LONG)
    room = fields.String(load_default="", validate=_SHORT)
    declined = fields.Boolean(load_default=False)
    neutral = fields.UUID(load_default=None)
    on = fields.Date(load_default=None)


class CautionForm(_Placed):
    """The caution on sending material abroad, read."""

    recipient = fields.String(load_default="", validate=_SHORT)
    confirmed = fields.List(fields.String(), load_default=list)
    note = fields.String(load_default="", validate=_LONG)
    next = fields.String(load_default="", validate=_SHORT)
