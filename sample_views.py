"""The page on which a visitor follows one case of the sample, and the way there from the home page.

A consultation is private, and this page is public: so it shows no word of one but those that ``samples/followed_case.yml``
ships, and only while the store still holds just these words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from accounts.service import FIRST_DOMAIN
from cases.models import Case
from core.actor import Actor, Permission, system_actor
from core.errors import NotFound
from core.said import Said, said
from core.web import Gate, current_actor, house, read_session, register_fragment, requires
from enterprises.models import Firm
from experts import opinions
from experts.advising import MatchedExperts, open_assignments
from experts.consultation_models import Consultation
from experts.consultation_workflow import SECTIONS
from experts.matching import MatchResult
from experts.matching.request import Cause
from experts.models import Expert
from experts.opinion_models import Opinion
from experts.suggest import suggest
from sample import alert_of, first_bulletin, first_consultation, followed_case, sample_firm, story
from warning.alerts import named_firms
from warning.bulletin_models import Bulletin
from warning.models import Alert

BLUEPRINT = Blueprint("sample", __name__)
#: how many of the ranked experts are shown
_SHOWN = 3


@dataclass(frozen=True)
class Followed:
    """What became of the followed case."""

    case: Case
    firm: Firm
    alert: Alert | None
    consultation: Consultation
    opinion: Opinion
    bulletin: Bulletin


def find_followed(session: Session) -> Followed | None:
    """The followed case with its opinion and its bulletin; None where they do not all stand as they were shipped.

    Raises EvidenceDamaged when the opinion is no longer what was issued.
    """
    firm = sample_firm(session)
    case = followed_case(session) if firm else None
    if firm is None or case is None:
        return None
    consultation, bulletin = first_consultation(session, firm, case), first_bulletin(session, firm, case)
    if consultation is None or bulletin is None or bulletin.slug is None:
        return None
    told = story()
    if any(getattr(consultation, name) != told["consultation"][name] for name in ("story", "question")):
        return None
    try:
        reader = system_actor("sample", firm.centre_id)
        _, opinion = opinions.get_issued(session, reader, consultation.id, 1)
    except NotFound:
        return None
    if opinion.sections != told["opinion"]:
        return None
    return Followed(case, firm, alert_of(session, firm, case), consultation, opinion, bulletin)


def _match(session: Session, found: Followed) -> tuple[MatchResult, dict[str, Expert]]:
    """Who can help with the followed consultation today, and the invented entries by id."""
    clock, reader = house().clock, system_actor("sample", found.firm.centre_id)
    request = MatchedExperts(clock, named_firms).request_for(session, reader, found.consultation)
    query = Expert.visible_to(reader).where(Expert.is_sample)
    return (
        suggest(session, clock, reader, request, load=open_assignments),
        {str(expert.id): expert for expert in session.scalars(query)},
    )


@BLUEPRINT.get("/sample")
@requires(Gate.OPEN)
def show() -> ResponseReturnValue:
    """One case from the feed to the opinion letter and the bulletin, as the sample carries it."""
    actor = current_actor()
    with read_session() as session:
        found = find_followed(session)
        if found is None:
            raise NotFound(
                said("This store holds no sample case to follow."),
                fix=said("Start an empty store with its sample."),
            )
        result, experts = _match(session, found)
        tags = Case.visible_to(actor).where(Case.id == found.case.id)
        return render_template(
            "sample/show.html",
            found=found,
            case=session.scalars(tags.options(selectinload(Case.tags))).one(),
            # Real entries may stand in the library by now; whom they work for is not shown here.
            ranked=[one for one in result.ranked if one.id in experts][:_SHOWN],
            conflicts=list(_conflicts(result, experts)),
            experts=experts,
            sections=SECTIONS,
            sees_alert=found.alert is not None and _sees(session, Alert, actor, found.alert.id),
            sees_consultation=_sees(session, Consultation, actor, found.consultation.id),
            sees_desk=actor.may(Permission.BULLETIN_DRAFT)
            and _sees(session, Bulletin, actor, found.bulletin.id),
            addresses=[f"{name}@{FIRST_DOMAIN}" for name in ("firm", "staff", "signer", "expert")],
        )


def _conflicts(result: MatchResult, experts: Mapping[str, Expert]) -> Iterator[tuple[Expert, str]]:
    """The invented experts whom matching leaves out for the invented other side of the consultation, and the cause."""
    invented = set(story()["consultation"]["opponents"])
    for one in result.excluded:
        for cause, detail in one.reasons:
            names = set(detail.values.values()) if isinstance(detail, Said) else {""}
            if cause == Cause.CONFLICT and one.id in experts and names <= invented:
                yield experts[one.id], detail


def _sees(session: Session, model: Any, actor: Actor, identity: Any) -> bool:
    return session.scalar(select(model.visible_to(actor).where(model.id == identity).exists())) or False


def _way_in(actor: Actor, **context: Any) -> str:
    with read_session() as session:
        return render_template("sample/_home.html") if find_followed(session) else ""


def init_sample(app: Flask) -> None:
    """Give ``app`` the sample's page, and the way there on the home page."""
    app.register_blueprint(BLUEPRINT)
    register_fragment(app, "home.first", _way_in)
