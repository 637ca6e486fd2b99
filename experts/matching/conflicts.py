"""Conflicts of interest: whom somebody works for, worked for or acted against, held against the sides of the dispute.

Names are compared both ways by :class:`cases.names.NameIndex`. A sure name is a conflict; one that only may be the
other side's (a short or ordinary word, a name that begins alike, one letter apart) is for a person to look at.
Relations that ended more than five years before the request's day are past; one without a date is not: unknown is not
"no conflict". Two names are held against each other alone, whatever other names there are, so that nobody's conflict
depends on who else is in the library.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from unicodedata import normalize

from cases.names import CONFIRM, REVIEW, FirmName, NameIndex, is_bare, is_ordinary, split_aliases
from core.said import Said, said
from core.text import is_cjk
from experts.matching.leads import Lead, leads_of, meets
from experts.matching.request import Candidate, MatchRequest

#: how long a client, an adversary or a case binds (workflows 3.2: 5 y)
YEARS = 5
#: a role that means: acted against
ADVERSE = "adverse"
#: other roles of what ties somebody: a former employer; what they declared to hold, to sit on, or of a relative
_ROLES = {
    ADVERSE: "adverse",
    "opponent": "adverse",
    "against": "adverse",
    "employer": "employer",
    "holding": "tie",
    "post": "tie",
    "relative": "tie",
}
#: relation -> what is said of a sure name, and of one that only may be it
_WORDS: dict[str, tuple[Said, Said]] = {
    "self": (
        said("%(name)s is on the other side (%(target)s)."),
        said("%(name)s may be on the other side (%(target)s). A person must look."),
    ),
    "employer": (
        said("The employer %(name)s is on the other side (%(target)s)."),
        said("The employer %(name)s may be on the other side (%(target)s). A person must look."),
    ),
    "group": (
        said("The employer's group %(name)s is on the other side (%(target)s)."),
        said("The employer's group %(name)s may be on the other side (%(target)s). A person must look."),
    ),
    "client": (
        said("A client of the last five years, %(name)s, is on the other side (%(target)s)."),
        said(
            "A client of the last five years, %(name)s, may be on the other side (%(target)s). A person must look."
        ),
    ),
    "tie": (
        said("A declared holding, post or relative, %(name)s, is on the other side (%(target)s)."),
        said(
            "A declared holding, post or relative, %(name)s, may be on the other side (%(target)s). A person must look."
        ),
    ),
    "adverse": (
        said("An adversary of the last five years, %(name)s, is the firm or of its group (%(target)s)."),
        said(
            "An adversary of the last five years, %(name)s, may be the firm or of its group (%(target)s). A person must look."
        ),
    ),
}

#: said of whoever has a colleague that is bound; a clearance of it tells of the screen
COLLEAGUE = said(
    "A colleague at %(name)s acts in conflict with this request: only behind a screen that a person has seen."
)


@dataclass(frozen=True)
class Finding:
    """What the names say of one candidate: a sure conflict, possible ones, or neither.

    ``binds_firm``: the sure one is of work (a client, an adversary), which binds everybody of the same employer.
    """

    conflict: str | None = None
    doubts: tuple[str, ...] = ()
    binds_firm: bool = False


@dataclass(frozen=True)
class _Relation:
    kind: str
    name: str
    is_person: bool = False

    @property
    def side(self) -> str:
        """Which side the name must not be of."""
        return "firm" if self.kind == "adverse" else "other"


def years_before(day: date, years: int) -> date:
    """The same day ``years`` earlier; 28 February for a leap day."""
    year = max(day.year - years, 1)
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


def find_conflicts(
    candidates: Sequence[Candidate], request: MatchRequest, only: Collection[str] | None = None
) -> list[Finding]:
    """For each candidate, in order, whether a name of theirs is or may be one of the dispute's.

    Args:
        only: the names that may be alike at all, where the caller knows that the others are not.
    """
    sides = sides_of(request)
    relations = [list(_relations(candidate, request.on)) for candidate in candidates]
    alike = {
        side: _alike(
            targets,
            {
                r.name
                for listed in relations
                for r in listed
                if r.side == side and (only is None or r.name in only)
            },
        )
        for side, targets in sides.items()
    }
    return [_finding(listed, alike) for listed in relations]


def sides_of(request: MatchRequest) -> dict[str, tuple[str, ...]]:
    """The names nobody may work for, and those nobody may have acted against."""
    return {"other": (*request.opponents, *request.counsel), "firm": (*request.firm, *request.group)}


def related_names(candidate: Candidate) -> set[str]:
    """Every name that a conflict of somebody is looked for in, however old."""
    return {relation.name for relation in _relations(candidate, date.min)}


def _relations(candidate: Candidate, day: date) -> Iterator[_Relation]:
    since = years_before(day, YEARS)
    yield from (_Relation("self", name, is_person=not candidate.is_agency) for name in candidate.names)
    yield from (_Relation("employer", name) for name in candidate.employer)
    yield from (_Relation("group", name) for name in candidate.employer_group)
    for client in candidate.clients:
        if client.until is None or client.until >= since:
            kind = _ROLES.get(client.role, "client")
            yield from (_Relation(kind, name) for name in client.names)
    for case in candidate.cases:
        if case.on is None or case.on >= since:
            yield from (_Relation("client", name) for name in case.client)
            yield from (_Relation("adverse", name) for name in case.opponent)


@dataclass(frozen=True)
class _Likeness:
    target: str
    score: int
    rule: str


def _alike(targets: Iterable[str], names: Iterable[str]) -> dict[str, list[_Likeness]]:
    """name -> the targets it is or may be, best first; looked up both ways, for the resolver's brands are one-sided."""
    wanted, given = sorted(set(targets)), sorted(set(names))
    if not wanted or not given:
        return {}
    best: dict[tuple[str, str], _Likeness] = {}
    for index_of, asked, is_turned in ((wanted, given, False), (given, wanted, True)):
        index = NameIndex(_rows(index_of))
        for name in asked:
            for match in index.screen(normalize("NFKC", name)):
                ours, target = (match.firm_id, name) if is_turned else (name, match.firm_id)
                rule = match.reason.split(":")[0]
                found = _Likeness(target, _certain(match.score, rule, ours, target), rule)
                known = best.get((ours, target))
                if known is None or found.score > known.score:
                    best[ours, target] = found
    leading: dict[Lead, list[str]] = defaultdict(list)
    for target in wanted:
        for lead in leads_of(target):
            for met in meets(lead):
                leading[met].append(target)
    for name in given:
        for lead in leads_of(name):
            for target in leading.get(lead, ()):
                best.setdefault((name, target), _Likeness(target, REVIEW, "begins alike"))
    out: dict[str, list[_Likeness]] = defaultdict(list)
    for (name, _target), likeness in best.items():
        out[name].append(likeness)
    for found_of in out.values():
        found_of.sort(key=lambda one: (-one.score, one.target))
    return out


def _rows(names: Iterable[str]) -> Iterator[FirmName]:
    for name in names:
        # ㈱ and ﾐﾅﾄ are ways of writing.
        for part in split_aliases(normalize("NFKC", name)):
            # A register of its own each: no name is another's rival.
            yield FirmName(name, part, "legal_zh" if any(map(is_cjk, part)) else "brand", register=name)


def _certain(score: int, rule: str, name: str, target: str) -> int:
    """The score, held below a confirmation where two names are alike and still tell nobody for certain."""
    if score < CONFIRM:
        return score
    if rule == "the same name":
        is_doubtful = is_bare(name) and is_ordinary(name)
    else:
        is_doubtful = is_ordinary(name) or is_ordinary(target)
    return CONFIRM - 1 if is_doubtful else score


def _finding(relations: Iterable[_Relation], alike: dict[str, dict[str, list[_Likeness]]]) -> Finding:
    sure: str | None = None
    doubts: list[str] = []
    binds_firm = False
    for relation in relations:
        for likeness in alike[relation.side].get(relation.name, ()):
            if relation.is_person and likeness.rule not in (
                "the same name",
                "the same words in another order",
                "the pinyin of its Chinese name",
            ):
                # A person's name begins like many a firm's.
                continue
            certain, doubtful = _WORDS[relation.kind]
            is_sure = likeness.score >= CONFIRM and not (
                relation.is_person and likeness.rule != "the same name"
            )
            words = certain if is_sure else doubtful
            sentence = said(words.template, name=relation.name, target=likeness.target)
            if is_sure:
                sure = sure or sentence
                binds_firm = binds_firm or relation.kind in ("client", "adverse")
            elif sentence not in doubts:
                doubts.append(sentence)
    return Finding(sure, tuple(doubts), binds_firm)


def imputed(candidates: Sequence[Candidate], findings: Sequence[Finding]) -> list[Finding]:
    """The findings with what colleagues' work adds: whoever shares an employer or its group with somebody whose client is on the other
    side may act behind a screen only, which a person must see set up. So it is a doubt, not a bar."""
    bound = {
        name
        for candidate, finding in zip(candidates, findings, strict=True)
        if finding.binds_firm
        for name in _houses(candidate)
    }
    same = _alike(bound, {name for candidate in candidates for name in _houses(candidate)})
    out = []
    for candidate, finding in zip(candidates, findings, strict=True):
        shared = next(
            (n for n in _houses(candidate) if any(one.score >= CONFIRM for one in same.get(n, ()))), None
        )
        if shared is None or finding.conflict is not None:
            out.append(finding)
            continue
        doubt = said(COLLEAGUE.template, name=shared)
        out.append(Finding(None, (*finding.doubts, doubt), finding.binds_firm))
    return out


def _houses(candidate: Candidate) -> tuple[str, ...]:
    return (*candidate.employer, *candidate.employer_group)
