"""What of its matter stands in a case study."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.models import Case, Party
from core.errors import BadInput
from core.said import Said, said
from enterprises.models import Firm, FirmName
from experts.assignment_models import Assignment
from experts.consultation_models import Consultation
from experts.models import Expert
from experts.studies.masks import Found, standing_in
from experts.studies.models import CaseStudy

#: kind of what was found -> how it is called
KINDS: dict[str, Said] = {
    "firm": said("a name of the firm"), "opponent": said("a name of the other side"),
    "person": said("a person's name"), "phone": said("a telephone number"), "email": said("an e-mail address"),
    "number": said("a docket number"), "expert": said("an expert's name"),
}  # fmt: skip


def known_of(session: Session, consultation: Consultation) -> Iterator[tuple[str, str]]:
    """(kind, name or number) of everything that would tell whose matter it is: the firm's names, the other side's, the
    case's parties and numbers, the contact, the experts."""
    firm = session.get_one(Firm, consultation.firm_id)
    yield from (("firm", name) for name in (firm.name_zh, firm.name_en))
    names = select(FirmName.name).where(FirmName.firm_id == firm.id)
    yield from (("firm", name) for name in session.scalars(names))
    yield from (("opponent", name) for name in consultation.opponents)
    yield ("person", consultation.contact_name)
    yield ("phone", consultation.contact_phone)
    yield ("email", consultation.contact_email)
    yield ("number", consultation.docket_number)
    yield ("number", consultation.number or "")
    if consultation.case_id is not None:
        case = session.get(Case, consultation.case_id)
        yield ("number", case.docket_number if case else "")
        parties = select(Party.name).where(Party.case_id == consultation.case_id)
        yield from (("opponent", name) for name in session.scalars(parties))
    asked = select(Expert).join(Assignment, Assignment.expert_id == Expert.id)
    for expert in session.scalars(asked.where(Assignment.consultation_id == consultation.id)):
        yield ("expert", expert.name_zh)
        yield ("expert", expert.name_en)


def found_in(session: Session, study: CaseStudy) -> list[Found]:
    """What of its matter stands in a case study."""
    consultation = session.get_one(Consultation, study.consultation_id)
    return standing_in({"title": study.title, **study.texts}, known_of(session, consultation))


def require_masked(session: Session, study: CaseStudy) -> None:
    """Raise BadInput naming the first thing of the matter that stands in the text, at its section."""
    found = found_in(session, study)
    if not found:
        return
    fields: dict[str, list[Said]] = {}
    for one in found:
        sentence = said("It says “%(known)s”: %(kind)s.", known=one.known, kind=KINDS[one.kind])
        fields.setdefault(one.section, []).append(sentence)
    raise BadInput(
        said("Something of the matter stands in the text; it cannot be made public so."),
        fix=said("Write around it, then send it again."),
        fields=fields,
    )
