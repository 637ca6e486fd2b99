"""Hard filters: each takes somebody out with its cause and a sentence; none is weighed against another."""

from __future__ import annotations

from collections.abc import Iterable

from core.said import said
from experts.matching.conflicts import Finding
from experts.matching.places import covers, valid_admissions
from experts.matching.request import Candidate, Cause, MatchRequest

#: classes that advise without an admission (design §6); everybody else needs one, an unknown class too
ADVISERS = frozenset({"ec.academic", "ec.technical", "ec.inhouse", "ec.finance", "ec.customs"})
#: agencies that represent nobody before a forum
ADVISING_AGENCIES = frozenset(
    {
        "ag.mediation",
        "ag.insurance",
        "ag.appraisal",
        "ag.search",
        "ag.translation",
        "ag.association",
        "ag.notary",
    }
)
Reason = tuple[Cause, str]


def primary(tag: str) -> str:
    """The language of a BCP 47 tag, without script and region: zh of zh-Hans-CN."""
    return tag.strip().replace("_", "-").split("-")[0].lower()


def needs_admission(candidate: Candidate) -> bool:
    """Whether somebody may only act where admitted."""
    return candidate.class_id not in (ADVISING_AGENCIES | ADVISERS if candidate.is_agency else ADVISERS)


def reasons_against(candidate: Candidate, request: MatchRequest, finding: Finding) -> tuple[Reason, ...]:
    """Every cause that takes ``candidate`` out, in the stated order; empty when none does."""
    return tuple(_reasons(candidate, request, finding))


def _reasons(candidate: Candidate, request: MatchRequest, finding: Finding) -> Iterable[Reason]:
    if candidate.status != "active":
        yield Cause.INACTIVE, said("The status is %(status)s.", status=candidate.status or "–")
    if not candidate.is_verified:
        yield Cause.UNVERIFIED, said("The centre has not seen the proofs of this entry.")
    if finding.conflict is not None:
        yield Cause.CONFLICT, finding.conflict
    if needs_admission(candidate) and not valid_admissions(candidate.admissions, request, request.on):
        yield Cause.NOT_ADMITTED, _no_admission(candidate, request)
    if missing := _missing_language(candidate, request):
        yield Cause.LANGUAGE, said("None of these languages is worked in: %(languages)s.", languages=missing)
    if _shares_no_dispute_type(candidate, request):
        yield (
            Cause.DISPUTE_TYPE,
            said(
                "The declared dispute types (%(declared)s) share nothing with the request's.",
                declared=", ".join(sorted(candidate.dispute_types)),
            ),
        )
    if candidate.capacity is not None and candidate.open >= candidate.capacity:
        yield (
            Cause.CAPACITY,
            said(
                "%(open)s of %(capacity)s places are taken.", open=candidate.open, capacity=candidate.capacity
            ),
        )
    if not candidate.is_available:
        yield Cause.UNAVAILABLE, said("No new requests are accepted at present.")
    elif back := max((last for first, last in candidate.away if first <= request.on <= last), default=None):
        yield Cause.UNAVAILABLE, said("Away until %(until)s.", until=back.isoformat())


def _no_admission(candidate: Candidate, request: MatchRequest) -> str:
    where = request.venue or request.region or "–"
    lapsed = [a for a in candidate.admissions if covers(a, request)]
    if not lapsed:
        return said("There is no admission for %(where)s or its region.", where=where)
    return said(
        "No admission for %(where)s or its region is valid on %(on)s.", where=where, on=request.on.isoformat()
    )


def _missing_language(candidate: Candidate, request: MatchRequest) -> str:
    """The languages asked for on the side where none is worked in; "" when both sides are served."""
    spoken = {primary(tag) for tag in candidate.languages}
    for wanted in (request.case_languages, request.client_languages):
        if wanted and not spoken & {primary(tag) for tag in wanted}:
            return ", ".join(wanted)
    return ""


def _shares_no_dispute_type(candidate: Candidate, request: MatchRequest) -> bool:
    declared, asked = set(candidate.dispute_types), set(request.dispute_types)
    return bool(declared and asked and not declared & asked)
