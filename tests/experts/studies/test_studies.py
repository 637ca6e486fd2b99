"""A case study: only with consent, complete, masked, signed by another person; a consent taken back withdraws it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import select

from core.actor import VISITOR, Actor, Permission, Role
from core.audit import AuditRow
from core.errors import BadInput, NotAllowed, NotFound, StaleWrite, TransitionRefused
from experts import consenting
from experts.consents import Purpose
from experts.studies import publishing, writing
from experts.studies.models import CaseStudy
from experts.studies.workflow import CHECKLIST, SECTIONS, STUDY_WORKFLOW
from house import House
from tests.experts.matter import Matter

GOOD: dict[str, Any] = {
    "title": "某无人机企业应对美国专利诉讼",
    "texts": {name: f"{name}：某企业及时答辩并和解。" for name in SECTIONS},
    "checked": list(CHECKLIST),
}


class Studied:
    """A closed consultation whose firm agreed, and a case study of it."""

    def __init__(self, house: House, agreed: bool = True) -> None:
        self.matter = Matter(house).to("closed")
        centre = self.matter.actors["staff"].centre_id
        roles = frozenset({Role.STAFF, Role.SIGNER})
        self.matter.actors["signer"] = Actor("user:signer", roles, centre_id=centre)
        elsewhere = self.matter.actors["other_staff"].centre_id
        self.matter.actors["other_signer"] = Actor("user:other-signer", roles, centre_id=elsewhere)
        self.matter.actors["visitor"] = VISITOR
        if agreed:
            self.consent(True)
        self.id = uuid.UUID(int=0)

    def consent(self, given: bool) -> None:
        self.matter.do(consenting.decide, "firm", self.matter.id, Purpose.CASE, given=given)

    def begin(self, who: str = "staff") -> Studied:
        self.id = self.matter.do(writing.begin, who, self.matter.id).id
        return self

    @property
    def row(self) -> CaseStudy:
        with self.matter.house.database.read() as session:
            return session.get_one(CaseStudy, self.id)

    def on(self, service: Any, who: str, **named: Any) -> Any:
        return self.matter.do(service, who, self.id, **{"seen_version": self.row.version, **named})

    def to(self, state: str) -> Studied:
        self.begin()
        if state == "draft":
            return self
        self.on(writing.write, "staff", **GOOD)
        if state == "withdrawn":
            self.on(publishing.withdraw, "staff", note="不再需要")
            return self
        self.on(writing.hand_in, "staff")
        if state == "published":
            self.on(publishing.publish, "signer")
        return self

    def seen_by(self, who: str) -> bool:
        with self.matter.house.database.read() as session:
            try:
                publishing.get_study(session, self.matter.actors[who], self.id)
            except NotFound:
                return False
            return True


ACTS: dict[str, tuple[Any, dict[str, Any]]] = {
    "submit": (writing.hand_in, {}),
    "return": (writing.send_back, {"note": "再改"}),
    "publish": (publishing.publish, {}),
    "withdraw": (publishing.withdraw, {"note": "撤下"}),
}


@pytest.mark.parametrize("state", list(STUDY_WORKFLOW.states))
@pytest.mark.parametrize("step", list(ACTS))
def test_every_step_from_every_state_by_everybody(house: House, state: str, step: str) -> None:
    studied = Studied(house).to(state)
    if state == "draft":
        studied.on(writing.write, "staff", **GOOD)
    service, more = ACTS[step]
    declared = STUDY_WORKFLOW.step(step)
    for who in (
        "visitor",
        "firm",
        "firm_b",
        "expert",
        "admin",
        "other_staff",
        "other_signer",
        "staff",
        "signer",
    ):
        before = studied.row
        actor = studied.matter.actors[who]
        may = declared.permission is not None and actor.may(declared.permission) and studied.seen_by(who)
        if may and state in declared.sources and who not in ("other_staff", "other_signer"):
            studied.on(service, who, **more)
            assert studied.row.state == declared.target
            return
        with pytest.raises((NotAllowed, NotFound, TransitionRefused)):
            studied.on(service, who, **more)
        assert (studied.row.state, studied.row.version) == (before.state, before.version)


def test_without_consent_there_is_none(house: House) -> None:
    studied = Studied(house, agreed=False)
    with pytest.raises(BadInput, match="has not agreed"):
        studied.begin()
    studied.consent(True)
    studied.begin()
    with pytest.raises(TransitionRefused, match="already"):
        studied.begin()


@pytest.mark.parametrize("state", ["draft", "review", "published"])
def test_a_consent_taken_back_withdraws_it_at_once(each_house: House, state: str) -> None:
    studied = Studied(each_house).to(state)
    studied.consent(False)
    assert studied.row.state == "withdrawn"
    assert not studied.seen_by("visitor")
    with each_house.database.read() as session:
        acts = session.scalars(select(AuditRow.action).where(AuditRow.subject == "case_study")).all()
    assert acts[-1] == "case_study.consent_withdrawn"


def test_everybody_reads_only_what_is_public(house: House) -> None:
    studied = Studied(house).to("review")
    everybody = ("visitor", "firm", "firm_b", "expert", "other_staff", "staff")
    assert [who for who in everybody if studied.seen_by(who)] == ["firm", "staff"]
    studied.on(publishing.publish, "signer")
    assert studied.seen_by("visitor") and studied.seen_by("other_staff")
    assert (studied.row.number or "").startswith("案例-2026-") and studied.row.sha256


def test_whoever_wrote_some_of_it_does_not_sign(house: House) -> None:
    studied = Studied(house).begin("signer")
    studied.on(writing.write, "staff", **GOOD)
    studied.on(writing.hand_in, "staff")
    with pytest.raises(BadInput, match="another person"):
        studied.on(publishing.publish, "signer")


def test_staff_alone_do_not_sign(house: House) -> None:
    studied = Studied(house).to("review")
    assert not studied.matter.actors["staff"].may(Permission.STUDY_SIGN)
    with pytest.raises(NotAllowed):
        studied.on(publishing.publish, "staff")


@pytest.mark.parametrize(
    ("section", "text"),
    [
        ("background", "海岚无人机科技在得州被诉"),
        ("course", "对方 acme optics 提出和解"),
        ("outcome", "李工对结果满意"),
        ("lessons", "案号 2:26-cv-00011"),
        ("title", "专家one谈应诉"),
    ],
)
def test_what_names_the_matter_is_refused_at_its_section(house: House, section: str, text: str) -> None:
    studied = Studied(house).begin()
    told = (
        {**GOOD, "title": text} if section == "title" else {**GOOD, "texts": {**GOOD["texts"], section: text}}
    )
    studied.on(writing.write, "staff", **told)
    with pytest.raises(BadInput) as refused:
        studied.on(writing.hand_in, "staff")
    assert list(refused.value.details["fields"]) == [section]
    assert studied.row.state == "draft"


@pytest.mark.parametrize("left", [*SECTIONS, "title", *CHECKLIST])
def test_what_is_incomplete_goes_to_nobody(house: House, left: str) -> None:
    studied = Studied(house).begin()
    told = {
        "title": "" if left == "title" else GOOD["title"],
        "texts": {**GOOD["texts"], **({left: " "} if left in SECTIONS else {})},
        "checked": [point for point in CHECKLIST if point != left],
    }
    studied.on(writing.write, "staff", **told)
    with pytest.raises(BadInput):
        studied.on(writing.hand_in, "staff")


def test_a_running_consultation_is_not_told(house: House) -> None:
    matter = Matter(house).to("guiding")
    with pytest.raises(TransitionRefused, match="over"):
        matter.do(writing.begin, "staff", matter.id)


def test_an_old_version_is_refused(house: House) -> None:
    studied = Studied(house).to("draft")
    with pytest.raises(StaleWrite):
        studied.on(writing.write, "staff", **{**GOOD, "seen_version": studied.row.version - 1})
