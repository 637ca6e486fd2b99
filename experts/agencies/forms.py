"""What the pages of the agency library take: forms and queries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates

from cases.taxonomy import load_taxonomy
from core.said import said
from experts.agencies.criteria import CHECKS, CRITERIA, SUSPENSION_MONTHS
from experts.schemas import HOME
from experts.vocabulary import vocabulary

#: offices that the form has room for
OFFICES = 4
#: currencies with two decimal places; amounts are typed in whole units
CURRENCIES = ("CNY", "USD", "EUR", "GBP", "HKD", "SGD")
_LONG = validate.Length(max=5000)
_SHORT = validate.Length(max=300)


class _Form(Schema):
    class Meta:
        unknown = EXCLUDE


class StepForm(_Form):
    """A step, with whatever it needs."""

    step = fields.String(required=True, validate=validate.Length(max=40))
    version = fields.Integer(required=True)
    words = fields.String(load_default="", validate=_LONG)
    refusal = fields.String(load_default="", validate=validate.Length(max=40))
    months = fields.Integer(load_default=None, validate=validate.OneOf([None, *SUSPENSION_MONTHS]))


class AnswersForm(_Form):
    """What an agency tells of itself."""

    version = fields.Integer(required=True)
    act = fields.String(load_default="save", validate=validate.OneOf(["save", "submit", "supplement"]))
    words = fields.String(load_default="", validate=_LONG)
    name_zh = fields.String(load_default="", validate=_SHORT)
    name_en = fields.String(load_default="", validate=_SHORT)
    agency_class = fields.String(load_default="")
    registration = fields.String(load_default="", validate=validate.Length(max=60))
    registered_at = fields.String(load_default="", validate=_SHORT)
    licence = fields.String(load_default="", validate=_SHORT)
    licence_issuer = fields.String(load_default="", validate=_SHORT)
    insurance = fields.String(load_default="", validate=_SHORT)
    insured_until = fields.Date(load_default=None)
    languages = fields.List(fields.String(), load_default=list)
    industries = fields.List(fields.String(), load_default=list)
    dispute_types = fields.List(fields.String(), load_default=list)
    team = fields.String(load_default="", validate=_LONG)
    matters = fields.String(load_default="", validate=_LONG)
    discipline = fields.String(load_default="", validate=_LONG)
    currency = fields.String(load_default="CNY", validate=validate.OneOf(CURRENCIES))
    fee_from = fields.Integer(load_default=None, validate=validate.Range(min=0, max=10_000_000))
    fee_to = fields.Integer(load_default=None, validate=validate.Range(min=0, max=10_000_000))
    fee_cap = fields.Integer(load_default=None, validate=validate.Range(min=0, max=100_000_000))
    fee_note = fields.String(load_default="", validate=_SHORT)
    first_free = fields.Boolean(load_default=False)
    response_hours = fields.Integer(load_default=None, validate=validate.Range(min=1, max=720))
    pro_bono = fields.String(load_default="", validate=_LONG)
    url = fields.String(
        load_default="", validate=[validate.Length(max=500), validate.Regexp(r"^$|^https?://[^\s]+$")]
    )
    bio = fields.String(load_default="", validate=_LONG)
    contact = fields.String(load_default="", validate=_SHORT)
    consent_truth = fields.Boolean(load_default=False)
    consent_notice = fields.Boolean(load_default=False)
    consent_promise = fields.Boolean(load_default=False)

    @validates("agency_class")
    def is_known(self, value: str, **kwargs: Any) -> None:
        """A class of the vocabulary, or none yet."""
        if value and value not in vocabulary().agencies:
            raise ValidationError(said("Choose one of the list."))

    @validates("languages")
    def are_languages(self, value: list[str], **kwargs: Any) -> None:
        """Languages of the vocabulary."""
        _known(value, vocabulary().languages)

    @validates("industries")
    def are_industries(self, value: list[str], **kwargs: Any) -> None:
        """Taxonomy ids."""
        _known(value, load_taxonomy().industries)

    @validates("dispute_types")
    def are_dispute_types(self, value: list[str], **kwargs: Any) -> None:
        """Taxonomy ids."""
        _known(value, load_taxonomy().dispute_types)


def _known(values: list[str], table: Mapping[str, Any]) -> None:
    if not set(values) <= set(table):
        raise ValidationError(said("Choose from the list."))


def regions_known() -> list[str]:
    """Codes of the regions an office may be in: China first."""
    return [HOME, *sorted(load_taxonomy().extra["by_code"])]


def offices_of(form: Mapping[str, str]) -> list[dict[str, str]]:
    """The rows of offices that were filled in. Raises ValidationError for a region nobody knows."""
    regions = regions_known()
    found: list[dict[str, str]] = []
    for n in range(OFFICES):
        region, address = form.get(f"office{n}_region", ""), form.get(f"office{n}_address", "").strip()[:300]
        if region and region not in regions:
            raise ValidationError(said("Choose from the list."))
        if region:
            found.append({"region": region, "address": address})
    return found


def answers_of(values: Mapping[str, Any], form: Mapping[str, str]) -> dict[str, Any]:
    """A loaded form as :func:`applying.tell` takes it: amounts in minor units, dates as ISO texts."""
    told = {name: value for name, value in values.items() if name not in ("version", "act", "words")}
    fees: dict[str, Any] = {"currency": told.pop("currency"), "note": told.pop("fee_note")}
    for name in ("from", "to", "cap"):
        amount = told.pop(f"fee_{name}")
        if amount is not None:
            fees[name] = amount * 100
    insured = told["insured_until"]
    return {
        **told,
        "fees": {name: value for name, value in fees.items() if value not in (None, "")},
        "insured_until": insured.isoformat() if insured else "",
        "offices": offices_of(form),
    }


class CheckForm(_Form):
    """The form check, item by item."""

    version = fields.Integer(required=True)


def found_in(form: Mapping[str, str]) -> dict[str, str]:
    """What was ticked of the check."""
    return {item: form[f"check_{item}"] for item, _ in CHECKS if form.get(f"check_{item}")}


class VerificationForm(_Form):
    """One way in which it was verified."""

    version = fields.Integer(required=True)
    how = fields.String(load_default="", validate=validate.Length(max=40))
    found = fields.String(load_default="", validate=_LONG)


class MarkForm(_Form):
    """A marker's points."""

    is_free = fields.Boolean(load_default=False)
    note = fields.String(load_default="", validate=_LONG)


def points_in(form: Mapping[str, str]) -> dict[str, int]:
    """The points of each criterion that is a whole number."""
    typed = {criterion.id: form.get(f"mark_{criterion.id}", "").strip() for criterion in CRITERIA}
    return {name: int(value) for name, value in typed.items() if re.fullmatch(r"\d{1,3}", value)}


class ObjectionForm(_Form):
    """An objection from the public."""

    name = fields.String(load_default="", validate=_SHORT)
    contact = fields.String(load_default="", validate=_SHORT)
    ground = fields.String(load_default="", validate=_LONG)


class DecisionForm(_Form):
    """The decision on an objection."""

    version = fields.Integer(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(["dismissed", "upheld"]))
    decision = fields.String(load_default="", validate=_LONG)


class ComplaintForm(_Form):
    """A complaint."""

    ground = fields.String(load_default="", validate=validate.Length(max=40))
    text = fields.String(load_default="", validate=_LONG)
    contact = fields.String(load_default="", validate=_SHORT)
    complainant = fields.String(load_default="", validate=_SHORT)


class ReplyForm(_Form):
    """The agency's reply."""

    version = fields.Integer(required=True)
    reply = fields.String(load_default="", validate=_LONG)


class ReportForm(_Form):
    """A yearly report."""

    version = fields.Integer(required=True)
    matters = fields.String(load_default="", validate=_LONG)
    discipline = fields.String(load_default="", validate=_LONG)
    changes = fields.String(load_default="", validate=_LONG)
    insurance = fields.String(load_default="", validate=_SHORT)
    insured_until = fields.Date(load_default=None)
    team = fields.String(load_default="", validate=_LONG)
    pro_bono = fields.String(load_default="", validate=_LONG)


class QueueQuery(_Form):
    """Which affairs the centre's list shows."""

    kind = fields.String(
        load_default="applications", validate=validate.OneOf(["applications", "complaints", "reviews"])
    )
    state = fields.String(load_default="open", validate=validate.Length(max=40))
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=10_000))
