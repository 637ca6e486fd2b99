"""Deletion: asked, confirmed, purged; nothing of the person is left, the audit verifies, no figure changes."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import func, select

from accounts.models import User
from core.actor import Role
from core.audit import AuditRow
from core.clock import FixedClock
from experts.consultation_models import Attachment, Consultation
from experts.consultation_workflow import ConsultationState
from experts.correspondence import messages_of
from experts.models import Expert
from experts.opinion_models import Opinion
from experts.opinions import content_of
from house import House
from jobs import job_named, run_now
from notify.models import ChannelPreference
from privacy import asking, deciding
from privacy.models import PrivacyRequest
from privacy.subjects import GONE
from tests.privacy.subject import (
    MAIL,
    NAME,
    PHONE,
    SHORT,
    WRITTEN,
    Subject,
    account,
    figures,
    traces,
    verified,
)


@pytest.fixture
def subject(each_house: House) -> Subject:
    return Subject(each_house)


def confirmed(subject: Subject, grace: str = "now") -> PrivacyRequest:
    asked = subject.do(asking.ask_deletion, subject.actor, f"请删除，{NAME}")
    made: PrivacyRequest = subject.do(
        deciding.confirm, subject.staff, asked.id, grace=grace, seen_version=asked.version
    )
    return made


def purge(house: House) -> None:
    run_now(house, job_named("privacy"))


def test_after_the_purge_nothing_tells_who_it_was(subject: Subject) -> None:
    house = subject.house
    assert len({where.split(":")[0] for where in traces(house, NAME, PHONE, MAIL)}) >= 8
    before = figures(house, subject.staff)
    files = len(list(house.vault.files()))
    confirmed(subject)
    purge(house)
    assert traces(house, *WRITTEN) == []
    assert traces(house, f"{SHORT}您好", f"请{SHORT}补充", f"{SHORT}接听") == []
    assert figures(house, subject.staff) == before
    assert verified(house).sealed > 20
    assert files - len(list(house.vault.files())) == 3, "two files and the DOCX of the report"
    with house.database.read() as session:
        request = session.scalars(select(PrivacyRequest)).one()
        assert request.state == "purged" and request.purged_at and request.counts["consultation_message"] >= 2
        assert session.get(Consultation, subject.draft) is None
        assert session.scalars(select(ChannelPreference)).all() == []


def test_what_is_not_the_persons_stays(subject: Subject) -> None:
    confirmed(subject)
    purge(subject.house)
    with subject.house.database.read() as session:
        matter = session.get_one(Consultation, subject.matter.id)
        assert (matter.opponents, matter.docket_number, matter.satisfaction) == (
            ["Acme Optics Inc."],
            "2:26-cv-00011",
            4,
        )
        assert (matter.contact_name, matter.story, matter.closing_words) == (GONE, GONE, GONE)
        outside = messages_of(session, subject.staff, session.get_one(Consultation, subject.outside))
        assert outside[0].text.endswith(f"{SHORT}是我们自己的人"), "a short name elsewhere may be anybody's"
        assert outside[0].text.startswith("误发：")
        assert session.scalars(
            select(Attachment.filename).where(Attachment.consultation_id == matter.id)
        ).all() == [GONE]
        assert {user.email for user in session.scalars(select(User))} >= {
            "colleague@example.org",
            "officer@example.org",
        }


def test_an_issued_opinion_stays_readable_without_the_name(subject: Subject) -> None:
    confirmed(subject)
    purge(subject.house)
    with subject.house.database.read() as session:
        opinion = session.scalars(select(Opinion)).one()
        assert opinion.sections["facts"].startswith(f"据{GONE}（{GONE}）介绍")
        matter = session.get_one(Consultation, subject.matter.id)
        assert opinion.sha256 == sha256(content_of(opinion, matter)).hexdigest()


def test_audit_rows_stay_and_lose_the_salt_of_the_persons_values(subject: Subject) -> None:
    with subject.house.database.read() as session:
        before = session.scalar(select(func.count()).select_from(AuditRow))
    sealed = verified(subject.house)
    confirmed(subject)
    purge(subject.house)
    assert verified(subject.house).sealed > sealed.sealed
    with subject.house.database.read() as session:
        assert (session.scalar(select(func.count()).select_from(AuditRow)) or 0) > (before or 0)
        mine = AuditRow.subject_id == str(subject.matter.id)
        assert set(session.scalars(select(AuditRow.salt).where(mine))) == {""}
        assert session.scalar(select(AuditRow.salt).where(AuditRow.subject_id == str(subject.outside)))


def test_the_account_is_closed_at_once_and_its_data_goes_on_its_day(subject: Subject) -> None:
    house = subject.house
    clock = house.clock
    assert isinstance(clock, FixedClock)
    with house.database.read() as session:
        was = session.get_one(User, subject.id).fs_uniquifier
    confirmed(subject, "week")
    with house.database.read() as session:
        user = session.get_one(User, subject.id)
        assert not user.active and user.fs_uniquifier != was
    clock.advance(timedelta(days=6))
    purge(house)
    assert traces(house, NAME)
    clock.advance(timedelta(days=1))
    purge(house)
    assert traces(house, NAME) == []


def test_a_closed_account_is_restored_while_nothing_is_gone(subject: Subject) -> None:
    request = confirmed(subject, "week")
    subject.do(deciding.restore, subject.staff, request.id, seen_version=request.version)
    purge(subject.house)
    with subject.house.database.read() as session:
        assert session.get_one(User, subject.id).active
        assert session.scalars(select(PrivacyRequest.state)).all() == ["asked"]
    assert traces(subject.house, NAME)


@pytest.mark.parametrize("kind", ["account", "consultation"])
def test_a_hold_stops_the_purge_until_it_is_lifted(subject: Subject, kind: str) -> None:
    request = confirmed(subject)
    which = subject.id if kind == "account" else subject.matter.id
    hold = subject.do(deciding.put_hold, subject.staff, kind, which, "诉讼保全期间")
    purge(subject.house)
    assert traces(subject.house, NAME)
    with subject.house.database.read() as session:
        assert session.get_one(PrivacyRequest, request.id).state == "confirmed"
    subject.do(deciding.lift_hold, subject.staff, hold.id)
    purge(subject.house)
    assert traces(subject.house, NAME) == []


def test_a_purge_that_fails_takes_nothing(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    import privacy.erasing

    def fail(*args: object) -> None:
        raise RuntimeError("the disk went away")

    confirmed(subject)
    files = set(subject.house.vault.files())
    monkeypatch.setattr(privacy.erasing, "_close", fail)
    with pytest.raises(RuntimeError):
        purge(subject.house)
    assert set(subject.house.vault.files()) == files
    with subject.house.database.read() as session:
        assert session.get_one(Consultation, subject.matter.id).contact_name == NAME
    monkeypatch.undo()
    purge(subject.house)
    assert traces(subject.house, NAME) == []


def test_what_was_kept_long_enough_goes_by_itself_unless_held(subject: Subject) -> None:
    house = subject.house
    clock = house.clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(days=366))
    purge(house)
    with house.database.read() as session:
        assert session.get(Consultation, subject.draft) is None, "a draft is kept a year"
        assert session.get_one(Consultation, subject.matter.id).contact_name == NAME
    hold = subject.do(deciding.put_hold, subject.staff, "consultation", subject.matter.id, "审计")
    before = figures(house, subject.staff)
    clock.advance(timedelta(days=9 * 366))
    purge(house)
    assert NAME in {subject.matter.now.contact_name}
    subject.do(deciding.lift_hold, subject.staff, hold.id)
    purge(house)
    assert [where for where in traces(house, NAME) if not where.startswith("consultation_message")] == []
    assert subject.matter.now.state == ConsultationState.CLOSED.value
    assert figures(house, subject.staff)["states"] == before["states"]
    verified(house)


def test_an_expert_goes_from_the_library_and_the_opinion_stays_unsigned_by_name(subject: Subject) -> None:
    house = subject.house
    expert = account(house, "wise@invented.example.org", Role.EXPERT, expert_id=subject.expert_id)
    before = figures(house, subject.staff)
    request = subject.do(asking.ask_deletion, expert)
    subject.do(deciding.confirm, subject.staff, request.id, grace="now", seen_version=request.version)
    purge(house)
    assert traces(house, "专家one", "wise@invented.example.org") == []
    after = figures(house, subject.staff)
    # The spread is over those who could be asked: whoever left the library is no longer among them.
    assert after["spread"].people == before["spread"].people - 1
    assert (after["states"], after["promises"]) == (before["states"], before["promises"])
    with house.database.read() as session:
        entry = session.get_one(Expert, subject.expert_id)
        assert (entry.name_zh, entry.status, entry.available) == (GONE, "exited", False)
        opinion = session.scalars(select(Opinion)).one()
        assert opinion.author == GONE
        matter = session.get_one(Consultation, subject.matter.id)
        assert opinion.sha256 == sha256(content_of(opinion, matter)).hexdigest()
        assert matter.contact_name == NAME, "the firm's own data is not the expert's to delete"
    verified(house)
