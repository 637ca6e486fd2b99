"""The JSON of matching: requests and candidates as they are written, results as they are printed (design §6).

What is missing or null counts as not told; what is there and cannot be read is refused with its field. Texts may be
``{"zh": …, "en": …}``, names may be objects with a ``name``, dates may be a year or a month: those begin or end with it.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from cases.taxonomy import load_taxonomy
from core.errors import BadInput
from core.said import problems_of, said
from experts.matching.places import region_code, venue_id
from experts.matching.request import (
    Admission,
    Candidate,
    Client,
    Exclusion,
    Hold,
    MatchRequest,
    MatchResult,
    PastCase,
    Ranked,
)
from experts.vocabulary import vocabulary

_DATE = re.compile(r"^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:[T ].*)?$")


class Day(fields.Field[date]):
    """A date; a year or a month alone is its first day, or its last with ``ends``."""

    def __init__(self, *, ends: bool = False, **kwargs: Any) -> None:
        super().__init__(load_default=None, allow_none=True, **kwargs)
        self.ends = ends

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if value == "":
            return None
        found = _DATE.match(str(value).strip())
        if found is None:
            raise ValidationError("Not a valid date.")
        year, month, day = (int(part) if part else None for part in found.groups())
        assert year is not None
        try:
            if month is None:
                return date(year, 12, 31) if self.ends else date(year, 1, 1)
            if day is None:
                return date(year, month, calendar.monthrange(year, month)[1] if self.ends else 1)
            return date(year, month, day)
        except ValueError as error:
            raise ValidationError("Not a valid date.") from error


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(_text(value[key]) for key in ("zh", "en", "name", "text") if value.get(key))
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return str(value).strip()
    raise ValidationError(said("This is not a text."))


class Words(fields.Field[str]):
    """A text, or one in both languages, which are joined."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(load_default="", allow_none=True, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return _text(value)


class Names(fields.Field[tuple[str, ...]]):
    """Names: a text, an object with ``name`` or ``names`` and perhaps ``group``, or a list of these."""

    def __init__(self) -> None:
        super().__init__(load_default=(), allow_none=True)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return tuple(dict.fromkeys(name for name in _names(value) if name))


def _names(value: Any) -> Iterable[str]:
    if value is None:
        return
    if isinstance(value, list | tuple):
        for one in value:
            yield from _names(one)
    elif isinstance(value, Mapping):
        for key in ("name", "names", "zh", "en", "group", "aliases"):
            yield from _names(value.get(key))
    else:
        yield _text(value)


class Grouped(fields.Field[tuple[tuple[str, ...], tuple[str, ...]]]):
    """A firm as (its names, its group's): an object with ``name`` or ``names`` and ``group``, or names alone."""

    def __init__(self) -> None:
        super().__init__(load_default=((), ()), allow_none=True)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        group = value.get("group") if isinstance(value, Mapping) else None
        named = {k: v for k, v in value.items() if k != "group"} if isinstance(value, Mapping) else value
        return tuple(tuple(dict.fromkeys(n for n in _names(told) if n)) for told in (named, group))


class Ids(fields.Field[tuple[str, ...]]):
    """Taxonomy ids, or codes: a text or a list of texts; a retired id counts as the one in force."""

    def __init__(self) -> None:
        super().__init__(load_default=(), allow_none=True)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        listed = value if isinstance(value, list | tuple) else [value]
        current = load_taxonomy().current
        return tuple(dict.fromkeys(current(_text(one)) for one in listed if one not in (None, "")))


class Languages(fields.Field[dict[str, str]]):
    """BCP 47 tags, each perhaps with a level: ``"en"``, ``"en:C1"`` or ``{"language": "en", "level": "C1"}``."""

    def __init__(self) -> None:
        super().__init__(load_default=dict, allow_none=True)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        listed = value if isinstance(value, list | tuple) else [value]
        out: dict[str, str] = {}
        for one in listed:
            if isinstance(one, Mapping):
                tag, level = (
                    _text(one.get("language") or one.get("code") or ""),
                    _text(one.get("level") or ""),
                )
            else:
                tag, _, level = _text(one).partition(":")
            if tag:
                out[tag] = level
        return out


class _Lenient(Schema):
    class Meta:
        unknown = EXCLUDE


class _LanguagePairSchema(_Lenient):
    case = Ids()
    client = Ids()


class _RequestSchema(_Lenient):
    id = fields.Raw(required=True)
    firm = Grouped()
    opponents = Names()
    counsel = Names()
    region = Words()
    venue = Words()
    industries = Ids()
    dispute_types = Ids()
    ip_rights = Ids()
    languages = fields.Nested(_LanguagePairSchema, load_default=None, allow_none=True)
    text = Words()
    urgency = Words()
    on = Day()
    k = fields.Integer(load_default=5, allow_none=True, validate=validate.Range(min=1, max=1000))


class _AdmissionSchema(_Lenient):
    venue = Words()
    region = Words()
    qualification = Words()
    since = Day(data_key="from")
    until = Day(data_key="to", ends=True)
    admitted = fields.Boolean(load_default=True, allow_none=True)


class _CaseSchema(_Lenient):
    venue = Words()
    dispute_type = Words()
    industry = Words()
    on = Day(ends=True)
    role = Words()
    client = Names()
    opponent = Names()


class _ClientSchema(_Lenient):
    name = Names()
    names = Names()
    group = Names()
    role = Words()
    since = Day(data_key="from")
    until = Day(data_key="to", ends=True)


class _AwaySchema(_Lenient):
    since = Day(data_key="from")
    until = Day(data_key="to", ends=True)


class _FeedbackSchema(_Lenient):
    mean = fields.Float(load_default=None, allow_none=True, validate=validate.Range(min=0, max=5))
    n = fields.Integer(load_default=0, allow_none=True, validate=validate.Range(min=0))


def _some(schema: type[Schema]) -> fields.List[Any]:
    return fields.List(fields.Nested(schema), load_default=list, allow_none=True)


class _CandidateSchema(_Lenient):
    id = fields.Raw(required=True)
    name = Names()
    class_id = Words(data_key="class")
    status = Words()
    verified = fields.Boolean(load_default=False, allow_none=True)
    admissions = _some(_AdmissionSchema)
    offices = _some(_AdmissionSchema)
    languages = Languages()
    industries = Ids()
    dispute_types = Ids()
    cases = _some(_CaseSchema)
    employer = Grouped()
    group = Names()
    clients = _some(_ClientSchema)
    capacity = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(min=0))
    open = fields.Integer(load_default=0, allow_none=True, validate=validate.Range(min=0))
    available = fields.Boolean(load_default=True, allow_none=True)
    calendar = _some(_AwaySchema)
    feedback = fields.Nested(_FeedbackSchema, load_default=None, allow_none=True)
    bio = Words()


_REQUEST, _CANDIDATE = _RequestSchema(), _CandidateSchema()


def _load(schema: Schema, told: Any, where: str) -> dict[str, Any]:
    if not isinstance(told, Mapping):
        raise BadInput(f"{where} is not a JSON object.", fix="Write one object, in braces.")
    try:
        values: dict[str, Any] = schema.load(told)
        if values.get("id") is None or isinstance(values["id"], dict | list | bool):
            raise ValidationError({"id": ["Missing data for required field."]})
    except ValidationError as error:
        found = dict(_flat(error.normalized_messages()))  # type: ignore[no-untyped-call]
        problems = "; ".join(f"{field}: {' '.join(texts)}" for field, texts in sorted(found.items()))
        raise BadInput(
            f"{where} cannot be used: {problems}", fix="Mend the fields that are named.", fields=found
        ) from error
    return values


def _flat(messages: Mapping[Any, Any], above: str = "") -> Iterable[tuple[str, list[str]]]:
    """A validator's messages by path: admissions.0.from."""
    for name, found in messages.items():
        if isinstance(found, Mapping):
            yield from _flat(found, f"{above}{name}.")
        else:
            yield f"{above}{name}", problems_of({"at": found})["at"]


def read_request(told: Any, *, today: date, where: str = "The request") -> MatchRequest:
    """A request in the design's shape; one without ``on`` is asked ``today``.

    Raises BadInput naming ``where`` and each field that cannot be used.
    """
    values = _load(_REQUEST, told, where)
    firm, group = values["firm"] or ((), ())
    pair = values["languages"] or {}
    return MatchRequest(
        id=values["id"],
        on=values["on"] or today,
        firm=firm,
        group=group,
        opponents=values["opponents"] or (),
        counsel=values["counsel"] or (),
        region=region_code(values["region"]),
        venue=venue_id(values["venue"]),
        industries=values["industries"] or (),
        dispute_types=values["dispute_types"] or (),
        ip_rights=values["ip_rights"] or (),
        case_languages=pair.get("case") or (),
        client_languages=pair.get("client") or (),
        text=values["text"] or "",
        urgency=values["urgency"] or None,
        k=values["k"] or 5,
    )


def read_candidate(told: Any, *, is_agency: bool = False, where: str = "The entry") -> Candidate:
    """An expert or an agency in the design's shape; an agency's ``offices`` are its admissions.

    Raises BadInput naming ``where`` and each field that cannot be used.
    """
    values = _load(_CANDIDATE, told, where)
    employer, employer_group = values["employer"] or ((), ())
    places = [*(values["admissions"] or ()), *(values["offices"] or ())]
    feedback = values["feedback"] or {}
    return Candidate(
        id=values["id"],
        names=values["name"] or (),
        class_id=vocabulary().class_id(values["class_id"] or "", is_agency=is_agency),
        status=(values["status"] or "").lower(),
        is_verified=bool(values["verified"]),
        admissions=tuple(_admission(place) for place in places if place["admitted"] is not False),
        languages=values["languages"] or {},
        industries=values["industries"] or (),
        dispute_types=values["dispute_types"] or (),
        cases=tuple(map(_case, values["cases"] or ())),
        employer=employer,
        employer_group=(*employer_group, *(values["group"] or ())),
        clients=tuple(map(_client, values["clients"] or ())),
        capacity=values["capacity"],
        open=values["open"] or 0,
        is_available=values["available"] is not False,
        away=tuple((a["since"] or date.min, a["until"] or date.max) for a in values["calendar"] or ()),
        feedback_mean=feedback.get("mean"),
        feedback_n=feedback.get("n") or 0,
        bio=values["bio"] or "",
        is_agency=is_agency,
    )


def _admission(told: Mapping[str, Any]) -> Admission:
    venue = venue_id(told["venue"])
    # A venue is narrower than the region beside it.
    region = None if venue else region_code(told["region"])
    return Admission(venue, region, told["qualification"] or "", told["since"], told["until"])


def _case(told: Mapping[str, Any]) -> PastCase:
    current = load_taxonomy().current
    return PastCase(
        venue=venue_id(told["venue"]),
        dispute_type=current(told["dispute_type"]) if told["dispute_type"] else None,
        industry=current(told["industry"]) if told["industry"] else None,
        on=told["on"],
        is_lead=(told["role"] or "").lower() == "lead",
        client=told["client"] or (),
        opponent=told["opponent"] or (),
    )


def _client(told: Mapping[str, Any]) -> Client:
    names = (*(told["name"] or ()), *(told["names"] or ()), *(told["group"] or ()))
    return Client(names, (told["role"] or "client").lower(), told["since"], told["until"])


def as_json(result: MatchResult) -> dict[str, Any]:
    """The result as `seamark match` prints it."""
    return {
        "version": result.version,
        "ranked": list(map(_ranked, result.ranked)),
        "held": list(map(_held, result.held)),
        "excluded": list(map(_excluded, result.excluded)),
        "agencies": {
            "ranked": list(map(_ranked, result.agencies)),
            "held": list(map(_held, result.agencies_held)),
            "excluded": list(map(_excluded, result.agencies_excluded)),
        },
    }


def _ranked(one: Ranked) -> dict[str, Any]:
    return {
        "id": one.id,
        "score": one.score,
        "parts": dict(one.parts),
        "evidence": dict(one.evidence),
        "exploration": one.exploration,
    }


def _held(one: Hold) -> dict[str, Any]:
    return {"id": one.id, "cause": one.cause, "detail": one.detail}


def _excluded(one: Exclusion) -> dict[str, Any]:
    return {"id": one.id, "cause": one.cause, "causes": one.causes, "detail": one.detail}
