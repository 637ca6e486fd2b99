"""What the calendar brings about in consultations: reminders and lapses of supplements, follow-ups that are due."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from core.errors import BadInput, NotAllowed, NotFound, TransitionRefused
from experts import aftercare, attachments, casework, consultations
from experts.consultation_duties import do_duties
from experts.consultation_models import Attachment, Consultation
from experts.consultation_queue import follow_ups_due
from house import House
from tests.experts.files import PDF, png
from tests.experts.matter import ANSWERS, Matter


@pytest.fixture
def matter(house: House) -> Matter:
    made = Matter(house).to("submitted")
    made.on(aftercare.ask_supplement, "staff", note="请补充警告函")
    return made


def work(matter: Matter) -> list[str]:
    """Let the job run; the steps that came of it."""
    before = len(_steps(matter))
    with matter.house.database.write() as session:
        do_duties(session, matter.house.clock, matter.now.centre_id)
    return _steps(matter)[before:]


def _steps(matter: Matter) -> list[str]:
    with matter.house.database.read() as session:
        return [step.step for step in session.get_one(Consultation, matter.id).steps]


def to_day(matter: Matter, day: date) -> None:
    """Noon in Beijing of a day."""
    clock: Any = matter.house.clock
    now = clock.now()
    clock.advance(timedelta(days=(day - now.date()).days))


def test_a_supplement_is_reminded_of_once_and_lapses_the_day_after_its_last(matter: Matter) -> None:
    # Asked on Monday 2026-03-02; u2 has three working days: Thursday.
    assert matter.now.due_on == date(2026, 3, 5)
    assert work(matter) == []
    to_day(matter, date(2026, 3, 3))
    assert work(matter) == []
    to_day(matter, date(2026, 3, 4))
    assert work(matter) == ["remind_supplement"]
    assert work(matter) == []
    to_day(matter, date(2026, 3, 5))
    assert work(matter) == []
    assert matter.now.state == "supplement", "the last day still counts"
    to_day(matter, date(2026, 3, 6))
    assert work(matter) == ["lapse"]
    assert (matter.now.state, matter.now.due_on) == ("lapsed", None)
    assert work(matter) == []
    with pytest.raises(TransitionRefused):
        matter.on(aftercare.supply, "firm")


def test_a_supplement_given_in_time_does_not_lapse(matter: Matter) -> None:
    matter.on(aftercare.supply, "firm")
    to_day(matter, date(2026, 3, 20))
    assert work(matter) == []
    assert matter.now.state == "reviewing"


def test_staff_give_time_again_and_the_clock_begins_anew(matter: Matter) -> None:
    to_day(matter, date(2026, 3, 6))
    work(matter)
    with pytest.raises(BadInput):
        matter.on(aftercare.revive, "staff", note=" ")
    for who in ("firm", "firm_b", "expert", "second", "other_staff", "admin"):
        with pytest.raises((NotAllowed, NotFound)):
            matter.on(aftercare.revive, who, note="请再给时间")
    matter.on(aftercare.revive, "staff", note="企业来电说明")
    assert (matter.now.state, matter.now.due_on) == ("supplement", date(2026, 3, 11))
    to_day(matter, date(2026, 3, 10))
    assert work(matter) == ["remind_supplement"], "reminded anew of the new day"
    matter.on(aftercare.supply, "firm")
    assert matter.now.state == "reviewing"


def test_the_most_urgent_is_reminded_on_its_day_and_not_when_it_is_asked(house: House) -> None:
    matter = Matter(house)
    matter.on(consultations.save_draft, "firm", {**ANSWERS, "scenario": "tro"})
    matter.to("submitted")
    matter.on(aftercare.ask_supplement, "staff", note="请补充禁令")
    assert (matter.now.urgency, matter.now.due_on) == ("u1", date(2026, 3, 3))
    assert work(matter) == []
    to_day(matter, date(2026, 3, 3))
    assert work(matter) == ["remind_supplement"]
    to_day(matter, date(2026, 3, 4))
    assert work(matter) == ["lapse"]


def test_a_follow_up_that_is_due_stands_on_the_desk_and_is_told_once(house: House) -> None:
    matter = Matter(house).to("opinion_issued")
    matter.on(aftercare.follow, "staff")

    def due() -> list[date]:
        with house.database.read() as session:
            return [one.due_on for _, one in follow_ups_due(session, house.clock, matter.actors["staff"])]

    def told() -> int:
        with house.database.write() as session:
            return do_duties(session, house.clock, matter.now.centre_id)

    assert (due(), told()) == ([], 0)
    to_day(matter, date(2026, 4, 1))
    assert (due(), told(), told()) == ([date(2026, 4, 1)], 1, 0)
    to_day(matter, date(2026, 4, 20))
    assert (due(), told()) == ([date(2026, 4, 1)], 0)
    with house.database.read() as session:
        first = session.get_one(Consultation, matter.id).follow_ups[0].id
    matter.do(aftercare.record_follow_up, "staff", matter.id, first, note="正在谈判")
    assert due() == []
    to_day(matter, date(2026, 6, 1))
    assert (due(), told()) == ([date(2026, 5, 31)], 1)
    matter.on(casework.close, "firm", satisfaction=5)
    assert due() == [], "nobody is asked after it is closed"
    with pytest.raises(NotAllowed), house.database.read() as session:
        follow_ups_due(session, house.clock, matter.actors["firm"])


@pytest.mark.parametrize("ended", ["rejected", "lapsed"])
def test_sent_again_it_brings_its_answers_and_copies_of_its_files(house: House, ended: str) -> None:
    matter = Matter(house)
    vault = house.vault
    matter.do(attachments.add_file, "firm", vault, matter.id, "警告函.pdf", PDF, secrecy="sensitive")
    matter.do(attachments.add_file, "firm", vault, matter.id, "图.png", png(), for_expert=False)
    matter.to("submitted")
    matter.do(attachments.add_file, "staff", vault, matter.id, "内部.pdf", PDF)
    if ended == "rejected":
        matter.on(casework.reject, "staff", reason="untrue")
    else:
        matter.on(aftercare.ask_supplement, "staff", note="请补充")
        to_day(matter, date(2026, 3, 6))
        work(matter)
    old = matter.id
    draft = matter.do(aftercare.resubmit, "firm", old, vault)
    assert matter.do(aftercare.resubmit, "firm", old, vault).id == draft.id, "copied once"
    with house.database.read() as session:
        files = {
            (f.filename, f.secrecy, f.for_expert, f.sha256): f
            for f in session.query(Attachment).filter_by(consultation_id=draft.id)
        }
        kept = {
            f.sha256: f.id for f in session.query(Attachment).filter_by(consultation_id=old, by_side="firm")
        }
    assert {key[:3] for key in files} == {("警告函.pdf", "sensitive", True), ("图.png", "internal", False)}
    for (_, _, _, digest), file in files.items():
        assert file.id != kept[digest], "a file of its own, so that either is deleted alone"
        assert matter.do(attachments.read_file, "firm", vault, draft.id, file.id)[1] in (PDF, png())
    matter.id = draft.id
    matter.to("accepted")
    assert matter.now.resubmits == old


def test_what_was_refused_for_its_secrets_leaves_its_files_behind(house: House) -> None:
    matter = Matter(house)
    matter.do(attachments.add_file, "firm", house.vault, matter.id, "涉密.pdf", PDF)
    matter.to("submitted")
    matter.on(casework.reject, "staff", reason="classified")
    draft = matter.do(aftercare.resubmit, "firm", matter.id, house.vault)
    with house.database.read() as session:
        assert session.query(Attachment).filter_by(consultation_id=draft.id).all() == []
