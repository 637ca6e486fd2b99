"""What comes in from the pages of warnings."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate

from enterprises.models import NameKind
from warning.answer_models import ANSWER_WORKFLOW, Answer
from warning.corrections import KINDS
from warning.desk_models import TaskState
from warning.doubt_queue import SORTS
from warning.review_models import Verdict


class AlertListSchema(Schema):
    """Which alerts a list shows."""

    class Meta:
        unknown = EXCLUDE

    state = fields.String(load_default="", validate=validate.OneOf(["", "unread"]))
    answer = fields.String(load_default="", validate=validate.OneOf(["", *Answer]))
    cursor = fields.String(load_default=None)


class AlertStepSchema(Schema):
    """What a firm does with an alert."""

    class Meta:
        unknown = EXCLUDE

    step = fields.String(required=True, validate=validate.OneOf(["read", "unread"]))


class AnswerSchema(Schema):
    """What a firm answers to an alert, and the answer it looked at."""

    class Meta:
        unknown = EXCLUDE

    step = fields.String(
        required=True, validate=validate.OneOf([step.name for step in ANSWER_WORKFLOW.steps])
    )
    words = fields.String(load_default="")
    seen = fields.String(required=True, validate=validate.OneOf(list(Answer)))


class JointSchema(Schema):
    """A firm agrees to be put in touch, or takes it back."""

    class Meta:
        unknown = EXCLUDE

    step = fields.String(required=True, validate=validate.OneOf(["agree", "withdraw"]))
    contact = fields.String(load_default="")


class CandidateListSchema(Schema):
    """Which cases of the queue a list shows."""

    class Meta:
        unknown = EXCLUDE

    status = fields.String(load_default="candidate", validate=validate.OneOf(["candidate", "dismissed"]))
    cursor = fields.String(load_default=None)


class ReviewSchema(Schema):
    """A reviewer's decision and the version they looked at."""

    class Meta:
        unknown = EXCLUDE

    step = fields.String(required=True, validate=validate.OneOf(["confirm", "dismiss", "return"]))
    version = fields.Integer(required=True)
    back = fields.String(load_default="queue", validate=validate.OneOf(["queue", "case"]))


class LevelSchema(Schema):
    """A level set by hand, its reason, and the decision its author looked at (none: the rule's answer)."""

    class Meta:
        unknown = EXCLUDE

    level = fields.String(required=True, validate=validate.OneOf(["L0", "L4", "L3", "L2", "L1"]))
    reason = fields.String(required=True, validate=validate.Length(max=2000))
    seen = fields.UUID(load_default=None)


class LevelUndoSchema(Schema):
    """The decision that is undone."""

    class Meta:
        unknown = EXCLUDE

    seen = fields.UUID(required=True)


class CorrectionSchema(Schema):
    """What is said of a tag, why, and the correction its author looked at (none: there was none)."""

    class Meta:
        unknown = EXCLUDE

    verdict = fields.String(required=True, validate=validate.OneOf(list(Verdict)))
    tag = fields.String(required=True, validate=validate.Regexp(r"[a-z_]+:.+"))
    reason = fields.String(load_default="", validate=validate.Length(max=1000))
    seen = fields.UUID(load_default=None)
    back = fields.String(load_default="", validate=validate.Length(max=500))


class TagQueueSchema(Schema):
    """Which tags in doubt a list shows, and in which order."""

    class Meta:
        unknown = EXCLUDE

    kind = fields.String(load_default="", validate=validate.OneOf(["", *KINDS]))
    days = fields.Integer(load_default=90, validate=validate.OneOf([30, 90, 365, 0]))
    sort = fields.String(load_default="both", validate=validate.OneOf(list(SORTS)))
    cursor = fields.String(load_default=None)


class MatchDecisionSchema(Schema):
    """Whether the party of a match is the firm, and what its name is to it."""

    class Meta:
        unknown = EXCLUDE

    step = fields.String(required=True, validate=validate.OneOf(["take_in", "refuse"]))
    kind = fields.String(
        load_default="subsidiary", validate=validate.OneOf([kind.value for kind in NameKind])
    )
    back = fields.String(load_default="firm", validate=validate.OneOf(["firm", "desk"]))


class TaskListSchema(Schema):
    """Which of the desk's tasks a list shows."""

    class Meta:
        unknown = EXCLUDE

    state = fields.String(load_default="open", validate=validate.OneOf(["all", *TaskState]))
    kind = fields.String(load_default="")
    due = fields.String(load_default="", validate=validate.OneOf(["", "overdue"]))
    cursor = fields.String(load_default=None)


class TaskStepSchema(Schema):
    """What is done about a task, and the version its reader looked at."""

    class Meta:
        unknown = EXCLUDE

    step = fields.String(
        required=True, validate=validate.OneOf(["call", "take", "release", "finish", "drop", "reopen"])
    )
    version = fields.Integer(required=True)
    result = fields.String(load_default="")
    words = fields.String(load_default="")
    next_on = fields.Date(load_default=None)
