"""An expert's standing: terms, certificates, removal with a bar, evaluations, qualifications, one's own entry."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from accounts.models import AccountRole, User
from core import outbox
from core.actor import VISITOR, Actor, Role
from core.db import new_id
from core.errors import BadInput, NotAllowed, NotFound, StaleWrite, TransitionRefused
from experts.appointing import applying, duties, entry, standing
from experts.appointing.models import Application, ApplicationFile
from experts.appointing.standing_models import Appointment, EntryChange, Qualification
from experts.appointing.telling import compose_applications, compose_standing
from experts.appointing.workflow import EVALUATION
from experts.fields import shown_to
from experts.library import Wanted, list_entries
from experts.models import ENTRY_STATUS, EntryStatus, Expert
from house import House
from notify.models import Message, MessageSubject
from notify.preferences import choose_rhythm
from tests.conftest import MakeHouse
from tests.experts.appointing.affair import Affair, People, at, open_call

FULL = {part.id: part.most for part in EVALUATION}
LOW = {part.id: part.most // 2 for part in EVALUATION}
STEPS = ("suspend", "resume", "end_term", "renew", "exit", "remove")


class Appointed:
    """An expert who was appointed, with an account."""

    def __init__(self, people: People) -> None:
        self.people, self.house = people, people.house
        self.affair = Affair(people).to("appointed")
        found = self.affair.now.expert_id
        assert found is not None
        self.id: uuid.UUID = found
        with self.house.database.write() as session:
            user = User(
                id=new_id(), email="expert@appointing.example.org", password="-", fs_uniquifier="expert",
                centre_id=people.centre, expert_id=self.id, created_at=self.house.clock.now(),
                roles=[AccountRole(name="expert")],
            )  # fmt: skip
            session.add(user)
        self.actor = Actor(
            f"user:{user.id}", frozenset({Role.EXPERT}), people.centre, expert_id=self.id, user_id=user.id
        )

    @property
    def now(self) -> Expert:
        with self.house.database.read() as session:
            return session.get_one(Expert, self.id)

    def step(self, step: str, who: str = "signer", reason: str = "查实") -> Expert:
        return self.affair.do(
            standing.take_step, who, self.id, step, seen_version=self.now.version, reason=reason
        )

    @property
    def certificates(self) -> list[Appointment]:
        with self.house.database.read() as session:
            return standing.appointments_of(session, self.id)


@pytest.fixture
def people(house: House) -> People:
    return People.of(house)


@pytest.fixture
def expert(people: People) -> Appointed:
    return Appointed(people)


def test_every_step_of_an_entry_by_every_role_from_every_status() -> None:
    sources = {
        "suspend": "active", "resume": "suspended", "end_term": "active suspended", "renew": "term_end",
        "exit": "active suspended term_end", "remove": "active suspended term_end",
    }  # fmt: skip
    for name in STEPS:
        for status in EntryStatus:
            for role in Role:
                actor = Actor("someone", frozenset({role}))
                if role is Role.STAFF and status.value in sources[name].split():
                    ENTRY_STATUS.take(name, status.value, actor)
                else:
                    with pytest.raises((NotAllowed, TransitionRefused)):
                        ENTRY_STATUS.take(name, status.value, actor)


def test_a_term_ends_by_itself_and_is_renewed_by_a_signature(expert: Appointed) -> None:
    first = expert.certificates[0]
    at(expert.house, first.until_on)
    with expert.house.database.write() as session:
        assert standing.end_terms(session, expert.house.clock, expert.people.centre) == 0
    at(expert.house, first.until_on + timedelta(days=1))
    with expert.house.database.write() as session:
        assert standing.end_terms(session, expert.house.clock, expert.people.centre) == 1
    assert expert.now.status == "term_end"
    with pytest.raises(NotAllowed):
        expert.step("renew", "staff")
    expert.step("renew")
    assert expert.now.status == "active"
    newest, older = expert.certificates
    assert (older.ended_by, newest.ended_by) == ("end_term", "")
    assert newest.from_on == older.until_on + timedelta(days=1)
    assert newest.code != older.code


def test_whoever_is_removed_is_barred_and_no_longer_found(expert: Appointed) -> None:
    with pytest.raises(NotAllowed):
        expert.step("remove", "staff")
    with pytest.raises(BadInput):
        expert.step("remove", reason=" ")
    expert.step("remove", reason="伪造资质")
    assert expert.certificates[0].ended_by == "remove"
    with expert.house.database.read() as session:
        assert list_entries(session, VISITOR, Expert).rows == []
    again = Affair(expert.people).fill()
    with pytest.raises(BadInput, match="removed"):
        again.act(applying.submit, "applicant")
    today = expert.house.clock.now().date()
    at(expert.house, date(today.year + 3, today.month, today.day) + timedelta(days=1))
    free = Affair(expert.people, open_call(expert.people)).fill()
    free.act(applying.submit, "applicant")
    assert free.now.state == "submitted"


def test_an_expert_leaves_and_the_certificate_ends(expert: Appointed) -> None:
    expert.affair.do(standing.leave, expert.actor, seen_version=expert.now.version)
    assert expert.now.status == "exited"
    assert expert.certificates[0].ended_by == "exit"
    with pytest.raises(TransitionRefused):
        expert.affair.do(entry.change_own, expert.actor, {"bio": "x"}, seen_version=expert.now.version)


def test_a_year_is_evaluated_once_and_two_low_ones_end_it(expert: Appointed) -> None:
    with pytest.raises(BadInput):
        expert.affair.do(standing.evaluate, "staff", expert.id, 2026, {**FULL, "quality": 36})
    with pytest.raises(NotAllowed):
        expert.affair.do(standing.evaluate, expert.actor, expert.id, 2026, FULL)
    made, ends = expert.affair.do(standing.evaluate, "staff", expert.id, 2025, LOW)
    assert (made.total, ends, expert.now.status) == (49, False, "active")
    with pytest.raises(TransitionRefused):
        expert.affair.do(standing.evaluate, "staff", expert.id, 2025, FULL)
    _, ends = expert.affair.do(standing.evaluate, "staff", expert.id, 2024, FULL)
    assert not ends
    _, ends = expert.affair.do(standing.evaluate, "staff", expert.id, 2026, LOW)
    assert (ends, expert.now.status) == (True, "exited")
    assert expert.certificates[0].ended_by == "exit"


def test_what_is_ones_own_changes_at_once_and_what_was_verified_waits(expert: Appointed) -> None:
    told = {"bio": "新简介", "title": "主任", "visibility": {"bio": "members"}}
    _, waiting = expert.affair.do(entry.change_own, expert.actor, told, seen_version=expert.now.version)
    assert waiting == ["title"]
    assert (expert.now.bio, expert.now.title) == ("新简介", "高级合伙人")
    with expert.house.database.read() as session:
        change = session.scalars(select(EntryChange)).one()
    with pytest.raises(NotAllowed):
        expert.affair.do(entry.decide_change, expert.actor, expert.id, change.id, accepted=True)
    with pytest.raises(BadInput, match="why"):
        expert.affair.do(entry.decide_change, "staff", expert.id, change.id, accepted=False)
    expert.affair.do(entry.decide_change, "staff", expert.id, change.id, accepted=True)
    assert expert.now.title == "主任"
    with pytest.raises(TransitionRefused):
        expert.affair.do(entry.decide_change, "staff", expert.id, change.id, accepted=True)
    with pytest.raises(StaleWrite):
        expert.affair.do(entry.change_own, expert.actor, told, seen_version=1)
    with pytest.raises(BadInput):
        expert.affair.do(
            entry.change_own,
            expert.actor,
            {"visibility": {"clients": "public"}},
            seen_version=expert.now.version,
        )


def test_each_field_is_shown_to_whom_its_expert_chose(expert: Appointed) -> None:
    member = Actor("user:m", frozenset({Role.FIRM_MEMBER}), expert.people.centre, user_id=uuid.uuid4())
    seen = {}
    for level in ("public", "members", "staff"):
        choice = {"visibility": dict.fromkeys(("bio", "title", "hours", "employer"), level)}
        expert.affair.do(entry.change_own, expert.actor, choice, seen_version=expert.now.version)
        for name, actor in (
            ("visitor", VISITOR),
            ("member", member),
            ("staff", expert.people.actors["staff"]),
        ):
            shown = shown_to(expert.now, actor)
            seen[level, name] = {"bio", "title", "hours", "employer"} & set(shown.get("whole", shown))
            with expert.house.database.read() as session:
                found = list_entries(session, actor, Expert, Wanted(text="二十年")).rows
            assert bool(found) == ("bio" in seen[level, name]), (level, name)
    everything = {"bio", "title", "hours", "employer"}
    assert [name for (_, name), fields in seen.items() if fields == everything] == [
        "visitor", "member", "staff", "member", "staff", "staff",
    ]  # fmt: skip
    assert seen["members", "visitor"] == seen["staff", "member"] == set()


def test_interests_are_read_by_staff_and_the_expert_alone(expert: Appointed) -> None:
    made = expert.affair.do(entry.declare_interest, expert.actor, kind="client", name="示例集团")
    other = Actor(
        "user:o", frozenset({Role.EXPERT}), expert.people.centre, expert_id=uuid.uuid4(), user_id=uuid.uuid4()
    )
    with expert.house.database.read() as session:
        for actor, there in ((expert.actor, 1), (expert.people.actors["staff"], 1), (other, 0), (VISITOR, 0)):
            assert len(entry.interests_of(session, actor, expert.id)) == there
    expert.affair.do(entry.end_interest, expert.actor, made.id)
    today = expert.house.clock.now().date()
    with expert.house.database.read() as session:
        assert len(entry.interests_on(session, expert.id, today - timedelta(days=1800))) == 1
        assert entry.interests_on(session, expert.id, today + timedelta(days=1)) == []


def test_a_qualification_that_ends_is_told_at_90_30_and_7_days(expert: Appointed) -> None:
    with expert.house.database.read() as session:
        row = session.scalars(select(Qualification)).one()
    assert row.expires_on == date(2027, 12, 31)
    told = []
    for days in (120, 90, 60, 30, 29, 7, 3):
        at(expert.house, row.expires_on - timedelta(days=days))
        with expert.house.database.write() as session:
            told.append(duties.remind(session, expert.house.clock, expert.people.centre))
            assert duties.remind(session, expert.house.clock, expert.people.centre) == 0
    assert told == [0, 1, 0, 1, 0, 1, 0]


def test_an_expert_is_told_once_that_the_term_ends(expert: Appointed) -> None:
    last = expert.certificates[0].until_on
    told = []
    for days in (61, 60, 59):
        at(expert.house, last - timedelta(days=days))
        with expert.house.database.write() as session:
            before = duties.remind(session, expert.house.clock, expert.people.centre)
            told.append(before)
    # The qualification of this expert has ended long before.
    assert told == [0, 1, 0]


def test_a_qualification_is_shown_once_its_proof_was_seen(expert: Appointed) -> None:
    made = expert.affair.do(entry.add_qualification, expert.actor, title="USPTO 注册", issuer="USPTO")
    assert made.state == "waiting"
    with pytest.raises(NotAllowed):
        expert.affair.do(entry.decide_qualification, expert.actor, expert.id, made.id, accepted=True)
    expert.affair.do(entry.decide_qualification, "staff", expert.id, made.id, accepted=True)
    with pytest.raises(BadInput):
        expert.affair.do(
            entry.add_qualification, expert.actor, title="x", issuer="y", verify_url="javascript:alert(1)"
        )


def test_an_application_that_led_to_nothing_is_deleted_after_two_years(people: People) -> None:
    affair = Affair(people).to("submitted")
    affair.act(applying.withdraw, "applicant")
    kept = Affair(people, name_zh="另一人").to("submitted")
    draft = Affair(people)
    for days, gone in ((80, 0), (20, 1), (600, 0), (40, 1)):
        at(people.house, people.house.clock.now().date() + timedelta(days=days))
        with people.house.database.write() as session:
            assert duties.forget(session, people.house.clock, people.centre) == gone
    with people.house.database.read() as session:
        assert session.scalars(select(Application.id)).all() == [kept.id]
        assert {file.application_id for file in session.scalars(select(ApplicationFile))} == {kept.id}
    with pytest.raises(NotFound):
        _ = draft.now


def test_staff_and_the_expert_are_told_and_no_letter_names_who_applies(
    make_house: MakeHouse, database_url: str
) -> None:
    house = make_house(database_url, SEAMARK_SMTP_URL="smtp://127.0.0.1:1", SEAMARK_MAIL_FROM="a@example.org")
    people = People.of(house)
    expert = Appointed(people)
    with house.database.write() as session:
        choose_rhythm(session, house.clock, people.actors["staff"], {"applied": "once"}, None)
    Affair(people, name_zh="保密某").to("objection")
    outbox.drain(house.database, house.subscriptions, house.clock)
    expert.affair.do(standing.evaluate, "staff", expert.id, 2026, FULL)
    outbox.drain(house.database, house.subscriptions, house.clock)
    with house.database.read() as session:
        messages = session.scalars(select(Message)).all()
        subjects: dict[str, list[tuple[uuid.UUID, uuid.UUID]]] = {}
        for row in session.scalars(select(MessageSubject)):
            subjects.setdefault(row.kind, []).append((row.told_id, row.subject_id))
        assert {m.kind for m in messages} >= {"applications", "standing"}
        staff = people.id_of("staff")
        letter = compose_applications(
            session, staff, [s for who, s in subjects["applications"] if who == staff]
        )
        assert letter is not None
        assert "保密某" not in repr(letter)
        assert any("objection" in str(item.heading) for item in letter.items)
        user = expert.actor.user_id
        assert user is not None
        own = compose_standing(session, user, [s for who, s in subjects["standing"] if who == user])
    assert own is not None
    facts = {str(label): str(value) for label, value in own.items[0].facts}
    assert facts["Evaluation of 2026"] == "100 / 100"
    assert facts["Certificate"] == expert.certificates[0].number
