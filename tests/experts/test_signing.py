"""An opinion is written, reviewed and signed by three people, each over bytes that can be computed again."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from core.actor import Actor, Role
from core.errors import EvidenceDamaged, NotAllowed, NotFound, TransitionRefused
from experts import opinions
from experts.consultation_models import Consultation
from experts.opinion_models import Opinion, OpinionSignature
from experts.signing import manuscript_of, valid_signatures
from house import House
from tests.experts.matter import Matter


@pytest.fixture
def matter(house: House) -> Matter:
    return Matter(house).to("opinion_draft")


def _record(matter: Matter) -> list[tuple[str, str, str, int]]:
    with matter.house.database.read() as session:
        row = session.get_one(Consultation, matter.id)
        draft = opinions.draft_of(session, matter.actors["staff"], row)
        opinion = draft or opinions.issued_of(session, row)[0]
        return [(one.role, one.name, one.office, one.version) for one in valid_signatures(opinion)]


def test_the_record_says_who_as_what_when_and_over_which_bytes(matter: Matter) -> None:
    matter.house.clock.advance(timedelta(hours=1))  # type: ignore[attr-defined]
    matter.on(opinions.pass_opinion, "staff", signed_as="张复核", remarks="期限已核")
    matter.house.clock.advance(timedelta(hours=1))  # type: ignore[attr-defined]
    matter.on(opinions.issue_opinion, "signer", signed_as="李签发")
    with matter.house.database.read() as session:
        row, issued = opinions.get_issued(session, matter.actors["firm"], matter.id, 1)
        author, reviewer, signer = valid_signatures(issued)
        assert [(one.role, one.name, one.office) for one in (author, reviewer, signer)] == [
            ("author", "专家one", "expert"),
            ("reviewer", "张复核", "staff"),
            ("signer", "李签发", "staff"),
        ]
        assert author.at < reviewer.at < signer.at == issued.issued_at
        manuscript = hashlib.sha256(manuscript_of(issued, row)).hexdigest()
        assert (author.sha256, reviewer.sha256) == (manuscript, manuscript)
        assert signer.sha256 == issued.sha256 == hashlib.sha256(opinions.content_of(issued, row)).hexdigest()
        assert {one.version for one in (author, reviewer, signer)} == {issued.version}
        assert len({one.by for one in (author, reviewer, signer)}) == 3


def test_nothing_is_issued_before_its_review(matter: Matter) -> None:
    with pytest.raises(TransitionRefused):
        matter.on(opinions.issue_opinion, "signer")


def test_whoever_reviewed_it_does_not_issue_it(matter: Matter) -> None:
    matter.on(opinions.pass_opinion, "signer")
    with pytest.raises(NotAllowed, match="three different people"):
        matter.on(opinions.issue_opinion, "signer")
    matter.on(opinions.issue_opinion, "staff")
    assert [role for role, *_ in _record(matter)] == ["author", "reviewer", "signer"]


def test_whoever_wrote_it_neither_reviews_nor_issues_it_even_as_staff(matter: Matter) -> None:
    both = replace(matter.actors["expert"], roles=frozenset({Role.EXPERT, Role.STAFF}))
    matter.actors["both"] = both
    with pytest.raises(NotAllowed, match="three different people"):
        matter.on(opinions.pass_opinion, "both")
    matter.on(opinions.pass_opinion, "staff")
    with pytest.raises(NotAllowed, match="three different people"):
        matter.on(opinions.issue_opinion, "both")
    # An account of their own under another name is still that expert.
    matter.actors["both"] = replace(both, name="user:other")
    with pytest.raises(NotAllowed, match="three different people"):
        matter.on(opinions.issue_opinion, "both")
    assert isinstance(both, Actor)


def test_a_returned_opinion_is_signed_anew_by_everybody(matter: Matter) -> None:
    matter.on(opinions.pass_opinion, "staff", signed_as="张复核")
    matter.on(opinions.return_opinion, "staff", note="请补充德国部分")
    matter.send()
    record = _record(matter)
    assert [role for role, *_ in record] == ["author"], "the review was of another version"
    with pytest.raises(TransitionRefused):
        matter.on(opinions.issue_opinion, "signer")
    # Whoever reviewed the earlier version may sign this one, which somebody else reviewed.
    matter.on(opinions.pass_opinion, "signer")
    matter.on(opinions.issue_opinion, "staff")


def test_an_opinion_changed_behind_the_services_is_neither_passed_nor_issued(matter: Matter) -> None:
    def change(text: str) -> None:
        with matter.house.database.write() as session:
            sections = {**session.query(Opinion).one().sections, "risk": text}
            session.execute(update(Opinion).values(sections=sections))

    with matter.house.database.read() as session:
        before = session.query(Opinion).one().sections["risk"]
    change("没有风险")
    with pytest.raises(EvidenceDamaged, match="author signed"):
        matter.on(opinions.pass_opinion, "staff")
    change(before)
    matter.on(opinions.pass_opinion, "staff")
    change("没有风险")
    with pytest.raises(EvidenceDamaged):
        matter.on(opinions.issue_opinion, "signer")
    assert matter.now.state == "opinion_review"


def test_a_signature_is_never_rewritten(matter: Matter) -> None:
    with pytest.raises(TransitionRefused), matter.house.database.write() as session:
        session.query(OpinionSignature).one().name = "别人"


@pytest.mark.parametrize("who", ["firm", "firm_b", "expert", "second", "other_staff", "admin"])
def test_only_staff_of_the_centre_review(matter: Matter, who: str) -> None:
    with pytest.raises((NotAllowed, NotFound)):
        matter.on(opinions.pass_opinion, who)


def test_review_and_issue_share_one_clock(matter: Matter) -> None:
    due = matter.now.due_on
    assert due is not None
    matter.house.clock.advance(timedelta(hours=3))  # type: ignore[attr-defined]
    matter.on(opinions.pass_opinion, "staff")
    assert matter.now.due_on == due
    matter.on(opinions.issue_opinion, "signer")
    assert matter.now.due_on is None
