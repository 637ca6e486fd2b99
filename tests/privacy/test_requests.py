"""Requests about one's own data: who may take which step from where, the clock, obstacles, corrections, what is shown."""

from __future__ import annotations

import json
import zipfile
from datetime import date
from io import BytesIO
from typing import Any

import pytest

from accounts.models import User
from core.actor import VISITOR, Actor, Role
from core.errors import BadInput, NotAllowed, NotFound, SeamarkError, StaleWrite, TransitionRefused
from experts.consultation_models import Consultation
from house import House
from jobs import job_named, run_now
from privacy import asking, deciding
from privacy.export import pack, told
from privacy.models import PrivacyRequest
from privacy.own import held_about, person_asking, readings_of
from privacy.workflow import REQUEST_WORKFLOW
from tests.factories import keeper
from tests.privacy.subject import MAIL, NAME, Subject, account


@pytest.fixture
def subject(house: House) -> Subject:
    return Subject(house)


def asked(subject: Subject, kind: str = "delete") -> PrivacyRequest:
    made: PrivacyRequest = (
        subject.do(asking.ask_deletion, subject.actor, "不再使用")
        if kind == "delete"
        else subject.do(asking.ask_correction, subject.actor, "email", "new@example.org")
    )
    return made


ACTS: dict[str, tuple[Any, dict[str, Any]]] = {
    "confirm": (deciding.confirm, {"grace": "week"}),
    "restore": (deciding.restore, {}),
    "correct": (deciding.correct, {}),
    "refuse": (deciding.refuse_request, {"refusal": "proceedings", "reason": "诉讼未结"}),
    "take_back": (asking.take_back, {}),
}


def brought_to(subject: Subject, state: str) -> PrivacyRequest:
    request = asked(subject, "correct" if state == "corrected" else "delete")
    way = {
        "confirmed": "confirm",
        "purged": "confirm",
        "corrected": "correct",
        "refused": "refuse",
        "taken_back": "take_back",
    }
    if state in way:
        service, more = ACTS[way[state]]
        who = subject.actor if state == "taken_back" else subject.staff
        more = {**more, **({"grace": "now"} if state == "purged" else {})}
        request = subject.do(service, who, request.id, seen_version=request.version, **more)
    if state == "purged":
        run_now(subject.house, job_named("privacy"))
    return row(subject, request)


def row(subject: Subject, request: PrivacyRequest) -> PrivacyRequest:
    with subject.house.database.read() as session:
        return session.get_one(PrivacyRequest, request.id)


@pytest.mark.parametrize("state", list(REQUEST_WORKFLOW.states))
def test_every_step_from_every_state_by_everybody(subject: Subject, state: str) -> None:
    request = brought_to(subject, state)
    assert request.state == state
    elsewhere = Actor(
        "user:else", frozenset({Role.STAFF}), centre_id=keeper(subject.house, "other").centre_id
    )
    admin = account(subject.house, "boss@example.org", Role.ADMIN)
    people = {
        "visitor": VISITOR, "colleague": subject.colleague, "person": subject.actor, "other staff": elsewhere,
        "admin": admin, "staff": subject.staff,
    }  # fmt: skip
    for name, (service, more) in ACTS.items():
        declared = REQUEST_WORKFLOW.step(name)
        fits = {"confirm": "delete", "correct": "correct"}.get(name, request.kind) == request.kind
        for who, actor in people.items():
            may = (who == "person") if name == "take_back" else (who == "staff")
            if may and fits and state in declared.sources:
                continue
            before = row(subject, request)
            with pytest.raises(SeamarkError):
                subject.do(service, actor, request.id, seen_version=before.version, **more)
            assert (row(subject, request).state, row(subject, request).version) == (state, before.version), (
                name,
                who,
            )
    for name, (service, more) in ACTS.items():
        if state in REQUEST_WORKFLOW.step(name).sources and name != "correct":
            actor = subject.actor if name == "take_back" else subject.staff
            subject.do(service, actor, request.id, seen_version=row(subject, request).version, **more)
            assert row(subject, request).state == REQUEST_WORKFLOW.step(name).target
            break


def test_nobody_decides_about_their_own_data(subject: Subject) -> None:
    mine = subject.do(asking.ask_deletion, subject.second)
    with pytest.raises(NotAllowed, match="Somebody else"):
        subject.do(deciding.confirm, subject.second, mine.id, grace="now", seen_version=mine.version)
    subject.do(deciding.confirm, subject.staff, mine.id, grace="now", seen_version=mine.version)


def test_the_clock_is_fifteen_working_days_over_a_long_holiday(subject: Subject) -> None:
    # Asked on Monday 2 March 2026; Qingming, Monday 6 April, lies after.
    assert asked(subject).due_on == date(2026, 3, 23)


def test_one_deletion_runs_at_a_time_and_an_old_version_is_refused(subject: Subject) -> None:
    request = asked(subject)
    with pytest.raises(TransitionRefused, match="not decided yet"):
        asked(subject)
    with pytest.raises(StaleWrite):
        subject.do(deciding.restore, subject.staff, request.id, seen_version=request.version - 1)


def test_a_running_matter_or_a_hold_stands_against_it(subject: Subject) -> None:
    request = asked(subject)
    subject.do(deciding.put_hold, subject.staff, "account", subject.id, "纪检调查")
    with pytest.raises(BadInput, match="纪检调查"):
        subject.do(deciding.confirm, subject.staff, request.id, grace="now", seen_version=request.version)
    with subject.house.database.write() as session:
        session.get_one(Consultation, subject.matter.id).state = "guiding"
    with subject.house.database.read() as session:
        found = deciding.obstacles(session, session.get_one(PrivacyRequest, request.id))
    assert len(found) == 2 and "still runs" in found[1]


def test_the_last_administrator_is_not_deleted(house: House) -> None:
    admin, staff = account(house, "a@example.org", Role.ADMIN), account(house, "s@example.org", Role.STAFF)
    with house.database.write() as session:
        request = asking.ask_deletion(session, house.clock, admin)
        with pytest.raises(BadInput, match="last administrator"):
            deciding.confirm(
                session, house.clock, staff, request.id, grace="now", seen_version=request.version
            )


def test_a_correction_counts_once_somebody_checked_it(subject: Subject) -> None:
    request = asked(subject, "correct")
    with subject.house.database.read() as session:
        assert session.get_one(User, subject.id).email == MAIL
    subject.do(deciding.correct, subject.staff, request.id, seen_version=request.version)
    with subject.house.database.read() as session:
        assert session.get_one(User, subject.id).email == "new@example.org"
    assert row(subject, request).proposed == ""


@pytest.mark.parametrize(("field", "value"), [("email", "no address"), ("roles", "a@b.cn"), ("email", "")])
def test_what_cannot_be_corrected_is_refused(subject: Subject, field: str, value: str) -> None:
    with pytest.raises(BadInput):
        subject.do(asking.ask_correction, subject.actor, field, value)


def test_an_address_in_use_is_not_taken(subject: Subject) -> None:
    request = subject.do(asking.ask_correction, subject.actor, "email", "colleague@example.org")
    with pytest.raises(BadInput, match="already"):
        subject.do(deciding.correct, subject.staff, request.id, seen_version=request.version)


def test_a_contact_is_corrected_while_the_matter_runs(subject: Subject) -> None:
    with pytest.raises(TransitionRefused, match="over"):
        subject.do(asking.correct_contact, subject.actor, subject.matter.id, name="王", phone="1", email="")
    fixed = subject.do(
        asking.correct_contact, subject.actor, subject.draft, name=" 王力 ", phone="", email="w@b.cn"
    )
    assert (fixed.contact_name, fixed.contact_phone, fixed.contact_email) == ("王力", "", "w@b.cn")
    for name, phone in (("", "1"), ("王力", "")):
        with pytest.raises(BadInput):
            subject.do(asking.correct_contact, subject.actor, subject.draft, name=name, phone=phone, email="")
    with pytest.raises((NotAllowed, NotFound)):
        subject.do(asking.correct_contact, subject.staff, subject.draft, name="王", phone="1", email="")


def test_the_person_sees_all_that_is_theirs_and_nothing_of_a_colleagues(subject: Subject) -> None:
    with subject.house.database.read() as session:
        person = person_asking(session, subject.house.vault, subject.actor)
        held = {one.section.table: one.rows for one in held_about(session, person)}
        assert {
            "account",
            "channel_preference",
            "consultation",
            "consultation_message",
            "consultation_attachment",
            "onward_consent",
        } <= set(held)
        assert {row["contact_name"] for row in held["consultation"]} >= {NAME}
        assert all("您好" not in row["text"] for row in held["consultation_message"]), (
            "the staff's words are not theirs"
        )
        other = person_asking(session, subject.house.vault, subject.colleague)
        assert [one.section.table for one in held_about(session, other)] == ["account"]


def test_a_copy_holds_json_a_page_and_the_files(subject: Subject) -> None:
    house = subject.house
    with house.database.read() as session:
        person = person_asking(session, house.vault, subject.actor)
        data = told(held_about(session, person), readings_of(session, person), house.clock.now())
        archive = zipfile.ZipFile(BytesIO(pack(session, house.vault, person, data, "<h1>我的数据</h1>")))
    names = archive.namelist()
    assert names[:2] == ["data.json", "index.html"] and len(names) == 4
    assert archive.read(names[2]).startswith(b"%PDF")
    read = json.loads(archive.read("data.json"))
    assert NAME in json.dumps(read["sections"], ensure_ascii=False)
    assert all(section["kept"]["basis"] for section in read["sections"])
