"""What comes in from the pages of watch profiles."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from cases.taxonomy import load_taxonomy
from core.said import said
from core.text import collapse
from warning.criteria import Criteria, folded_word, right_keys

_BETWEEN = re.compile(r"[\r\n,;，；、]+")
MOST_WORDS = 50


@cache
def region_codes() -> frozenset[str]:
    """Regions that have a forum we know: the others could never match."""
    taxonomy = load_taxonomy()
    return frozenset(code for venue in taxonomy.venues if (code := taxonomy.region_code(venue)))


class _Words(fields.Field[tuple[str, ...]]):
    """Words, one a line or with commas between them."""

    between = _BETWEEN

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[str, ...]:
        words: dict[str, str] = {}
        for part in self.between.split(str(value)):
            if word := collapse(part):
                words.setdefault(folded_word(word), word)
        if len(words) > MOST_WORDS:
            raise ValidationError(said("At most %(most)s words are compared.", most=MOST_WORDS))
        for word in words.values():
            if not 2 <= len(word) <= 100:
                raise ValidationError(
                    said("“%(word)s” cannot be used: a word has 2 to 100 characters.", word=word[:20])
                )
        return tuple(words.values())


class _Rights(_Words):
    """Numbers of rights, one a line; the commas within a number are its own."""

    between = re.compile(r"[\r\n;；]+")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[str, ...]:
        numbers = super()._deserialize(value, attr, data, **kwargs)
        for number in numbers:
            if not any(key.isdigit() for key in right_keys(number)):
                raise ValidationError(
                    said(
                        "“%(number)s” cannot be used: a right has a number of 5 digits or more.",
                        number=number[:20],
                    )
                )
        return numbers


def _known(kind: str) -> Any:
    def check(value: str) -> None:
        taxonomy = load_taxonomy()
        known = {
            "industries": lambda: value in taxonomy.industries,
            "dispute_types": lambda: value in taxonomy.dispute_types,
            "regions": lambda: value in region_codes(),
        }[kind]()
        if not known:
            raise ValidationError(said("This is not one of ours: choose from the list."))

    return check


def _ids(kind: str) -> Any:
    return fields.List(fields.String(validate=_known(kind)), load_default=list)


class WatchSchema(Schema):
    """A watch profile as its form has it."""

    class Meta:
        unknown = EXCLUDE

    name = fields.String(required=True, validate=validate.Length(min=1, max=100))
    industries = _ids("industries")
    regions = _ids("regions")
    dispute_types = _ids("dispute_types")
    include = _Words(load_default=())
    # The form's own name; the metaclass takes fields away before the schema's set of that name is made.
    exclude = _Words(load_default=())  # type: ignore[assignment]
    competitors = _Words(load_default=())
    rights = _Rights(load_default=())
    exhibitions = _Words(load_default=())
    version = fields.Integer(load_default=None)


class WatchActSchema(Schema):
    """Whether a form is to be checked or shown again, and whose it is."""

    class Meta:
        unknown = EXCLUDE

    act = fields.String(load_default="check", validate=validate.OneOf(["check", "edit"]))
    profile = fields.UUID(load_default=None)


class WatchStepSchema(Schema):
    """What a firm does with a profile, and the version it looked at."""

    class Meta:
        unknown = EXCLUDE

    step = fields.String(required=True, validate=validate.OneOf(["pause", "resume", "delete"]))
    version = fields.Integer(required=True)


class StationStepSchema(Schema):
    """What a station does with a profile of a firm: all but deleting it."""

    class Meta:
        unknown = EXCLUDE

    step = fields.String(required=True, validate=validate.OneOf(["pause", "resume"]))
    version = fields.Integer(required=True)


class SnoozeSchema(Schema):
    """Until which day a profile is quiet (none: it wakes), and the version its reader looked at."""

    class Meta:
        unknown = EXCLUDE

    until = fields.Date(load_default=None)
    version = fields.Integer(required=True)


class NoiseSchema(Schema):
    """The words no profile tells of, and the version of the list that was looked at."""

    class Meta:
        unknown = EXCLUDE

    words = _Words(load_default=())
    version = fields.Integer(load_default=0)


class MuteSchema(Schema):
    """Hear no more of a case, or again."""

    class Meta:
        unknown = EXCLUDE

    act = fields.String(required=True, validate=validate.OneOf(["mute", "unmute"]))


class FromSearchSchema(Schema):
    """A search of cases, to begin a profile with: what a profile can ask for is taken over, the rest is left."""

    class Meta:
        unknown = EXCLUDE

    q = fields.String(load_default="")
    industry = fields.List(fields.String(), load_default=list)
    region = fields.List(fields.String(), load_default=list)
    dispute_type = fields.List(fields.String(), load_default=list)


def criteria_from(values: dict[str, Any]) -> Criteria:
    """What a loaded form asks for."""
    current = load_taxonomy().current
    return Criteria(
        frozenset(map(current, values["industries"])),
        frozenset(values["regions"]),
        frozenset(map(current, values["dispute_types"])),
        values["include"],
        values["exclude"],
        values["competitors"],
        values["rights"],
        values["exhibitions"],
    )
