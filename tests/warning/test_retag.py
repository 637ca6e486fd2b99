"""Tagging the stored cases anew: stopped and gone on with, begun again for a newer book, beside a crawl, and quiet."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

import warning.retag as retagging
from cases.facts import RawParty
from cases.models import Case, Party, Tag
from cases.parties.grouping import mark_of, merge
from cases.parties.models import PartyLink
from core.db import Database
from core.errors import JobCancelled, StoreBusy
from core.jobs import Job, JobHandle, JobState, request_stop
from core.lease import held
from core.outbox import OutboxRow
from house import House
from search.port import SearchRequest
from tests.factories import bring_firms, drain, keeper, member, origin, raw_case, record, staff
from tests.warning.rule_world import RULE, TAG, WHY, WORD, author, publish, retag, tagged, with_word
from tests.warning.test_corrections import say
from warning.criteria import Criteria
from warning.models import Alert
from warning.retag import RETAG, continue_retag, is_due, last_run
from warning.review_models import Verdict
from warning.rule_editing import roll_back
from warning.watch_profiles import create_profile

PARTIES = (RawParty("Acme Optics Inc.", "plaintiff"), RawParty("Nobody We Know LLC", "defendant"))
CASES = 9


@pytest.fixture
def cases(each_house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """Nine cases, every third of which has the new word, tagged three at a time."""
    monkeypatch.setattr(retagging, "CHUNK", 3)
    bring_firms(each_house)
    for number in range(CASES):
        word = WORD if number % 3 == 0 else "lamp"
        record(
            each_house,
            raw_case(f"2:26-cv-{number}", text=f"Complaint about a {word}.", parties=PARTIES),
        )
    drain(each_house)
    return each_house


def when_told(monkeypatch: pytest.MonkeyPatch, place: int, act: Callable[[JobHandle], None]) -> None:
    """Do ``act`` once, when a run has told so many cases and before it says so."""
    advance = JobHandle.advance
    done: list[int] = []

    def stepped(self: JobHandle, progress: int, *told: object, **more: object) -> None:
        if progress == place and not done:
            done.append(progress)
            act(self)
        advance(self, progress, *told, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(JobHandle, "advance", stepped)


def newest(house: House) -> Job:
    with house.database.read() as session:
        job = last_run(session)
        assert job is not None
        return job


def go_on(house: House) -> int:
    return continue_retag(house.database, house.clock, house.shelf, keeper(house))


def found(house: House) -> int:
    request = SearchRequest(collection="cases", filters={"industry": (TAG[1],)})
    return house.index.search(request, staff(house)).total


def test_a_retag_changes_what_the_rule_changes_and_pins_the_rest(cases: House) -> None:
    with cases.database.read() as session:
        versions = dict(session.execute(select(Case.id, Case.version)).all())
        alerts = session.scalar(select(func.count(Alert.id)))
    publish(cases, with_word(cases))
    assert retag(cases) == 3
    drain(cases)
    assert len(tagged(cases)) == found(cases) == 3
    with cases.database.read() as session:
        book = cases.shelf.current(session).version
        assert set(session.scalars(select(Tag.rulebook))) == {book}
        grown = {i for i, v in session.execute(select(Case.id, Case.version)) if v != versions[i]}
        # Only what changed is told to the index and the counts.
        assert grown == tagged(cases)
        assert session.scalar(select(func.count(Alert.id))) == alerts
    job = newest(cases)
    assert (job.state, job.progress, job.total) == (JobState.DONE, CASES, CASES)
    assert go_on(cases) == 0 and newest(cases).id == job.id


def test_a_retag_is_quiet_even_for_a_profile_that_asks_for_the_tag(cases: House) -> None:
    with cases.database.write() as session:
        criteria = Criteria(industries=frozenset({TAG[1]}))
        create_profile(session, cases.clock, member(cases, "alpha"), "ours", criteria)
    publish(cases, with_word(cases))
    retag(cases)
    drain(cases)
    with cases.database.read() as session:
        assert session.scalar(select(func.count(Alert.id))) == 0
    # The next case with the word is news.
    record(cases, raw_case("2:26-cv-70", text=f"Complaint about a {WORD}.", parties=PARTIES))
    drain(cases)
    with cases.database.read() as session:
        assert session.scalar(select(func.count(Alert.id))) == 1


def test_a_case_told_anew_before_the_retag_is_quiet_about_what_the_rule_added(cases: House) -> None:
    with cases.database.write() as session:
        criteria = Criteria(industries=frozenset({TAG[1]}))
        create_profile(session, cases.clock, member(cases, "alpha"), "ours", criteria)
    publish(cases, with_word(cases))
    # Another docket entry: the case is tagged by the new book, but nothing that a profile reads has changed.
    again = raw_case("2:26-cv-0", text=f"Complaint about a {WORD}.", parties=PARTIES, outcome="Settled")
    record(cases, again, origin(cases, authority=90))
    drain(cases)
    assert len(tagged(cases)) == 1
    with cases.database.read() as session:
        assert session.scalar(select(func.count(Alert.id))) == 0


def test_stopped_it_stays_stopped_until_somebody_goes_on(
    cases: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(cases, with_word(cases))
    actor = staff(cases)

    def stop(handle: JobHandle) -> None:
        with cases.database.write() as session:
            request_stop(session, cases.clock, actor, handle.id)

    when_told(monkeypatch, 3, stop)
    with pytest.raises(JobCancelled):
        retag(cases)
    assert (newest(cases).state, newest(cases).progress) == (JobState.CANCELLED, 3)
    assert len(tagged(cases)) == 1
    with cases.database.read() as session:
        assert not is_due(session)
    assert go_on(cases) == 0
    stopped = newest(cases)
    assert retag(cases) == 3
    last = newest(cases)
    assert last.params["resumes"] == str(stopped.id) and last.progress == CASES
    assert len(tagged(cases)) == 3


def test_of_a_run_whose_process_died_the_next_takes_over_where_it_stood(
    cases: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(cases, with_word(cases))

    when_told(monkeypatch, 6, _die)
    monkeypatch.setattr(retagging, "run_job", _dies_without_a_word)
    with pytest.raises(_Killed):
        retag(cases)
    monkeypatch.undo()
    assert newest(cases).state == JobState.RUNNING
    # Its last chunk was written, and so was how far it came, though nobody was told: none is done or counted twice.
    assert go_on(cases) == 3
    drain(cases)
    assert len(tagged(cases)) == found(cases) == 3
    with cases.database.read() as session:
        states = session.scalars(select(Job.state).where(Job.name == RETAG).order_by(Job.id)).all()
        assert states == [JobState.FAILED, JobState.DONE]
        told = session.scalars(
            select(OutboxRow.key).where(OutboxRow.topic == "case.tagged", OutboxRow.key.in_(_ids(cases)))
        ).all()
    # Each case once when it came, and those that changed once more.
    assert len(told) == CASES + 3


def test_a_run_that_dies_before_its_first_chunk_does_not_lose_the_place_of_the_one_before(
    cases: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(cases, with_word(cases))

    for _ in range(2):
        # The first dies after six cases; the second as it begins, where the first stood.
        with monkeypatch.context() as dying:
            dying.setattr(retagging, "CHUNK", 3)
            when_told(dying, 6, _die)
            dying.setattr(retagging, "run_job", _dies_without_a_word)
            with pytest.raises(_Killed):
                retag(cases)
    first = _runs(cases)[0]
    assert go_on(cases) == 3
    last = _runs(cases)[-1]
    assert len(_runs(cases)) == 3
    assert last.params["resumes"] == str(first.id) and last.progress == CASES


class _Killed(BaseException):
    pass


def _die(handle: JobHandle) -> None:
    raise _Killed


def _runs(house: House) -> list[Job]:
    with house.database.read() as session:
        return list(session.scalars(select(Job).where(Job.name == RETAG).order_by(Job.id)))


def _dies_without_a_word(
    database: Database,
    clock: object,
    actor: object,
    name: str,
    work: Callable[[JobHandle], int],
    params: object,
) -> int:
    """As run_job, of a process that is killed: nobody writes how it ended."""
    with database.write() as session:
        job = Job(
            name=name, started_by="user:x", params=params, started_at=clock.now(), heartbeat_at=clock.now()  # type: ignore[attr-defined]
        )  # fmt: skip
        session.add(job)
        session.flush()
        identity = job.id
    return work(JobHandle(database, clock, identity))  # type: ignore[arg-type]


def _ids(house: House) -> list[str]:
    with house.database.read() as session:
        return [str(i) for i in session.scalars(select(Case.id))]


def test_another_rule_published_meanwhile_begins_it_again(
    cases: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(cases, with_word(cases))

    def back(handle: JobHandle) -> None:
        with cases.database.write() as session:
            roll_back(session, cases.clock, author(cases), RULE, 0, WHY, seen=1)

    author(cases)
    when_told(monkeypatch, 6, back)
    retag(cases)
    assert tagged(cases) == set()
    job = newest(cases)
    assert job.cursor is not None and (job.state, job.cursor["edition"]) == (JobState.DONE, 2)
    with cases.database.read() as session:
        assert not is_due(session)


def test_two_retags_do_not_run_at_once(cases: House) -> None:
    publish(cases, with_word(cases))
    with held(cases.database, cases.clock, RETAG):
        with pytest.raises(StoreBusy):
            retag(cases)
        assert go_on(cases) == 0
    assert retag(cases) == 3


def test_what_staff_say_outlives_it(cases: House) -> None:
    with cases.database.read() as session:
        with_it = session.scalars(select(Case.id).where(Case.text.contains(WORD)).order_by(Case.id)).all()
        without = session.scalars(select(Case.id).where(~Case.text.contains(WORD)).limit(1)).one()
    publish(cases, with_word(cases))
    retag(cases)
    say(cases, with_it[0], TAG, Verdict.REMOVE)
    say(cases, with_it[1], TAG, Verdict.CONFIRM, "")
    say(cases, without, TAG, Verdict.ADD)
    with cases.database.write() as session:
        roll_back(session, cases.clock, author(cases), RULE, 0, WHY, seen=1)
    retag(cases)
    drain(cases)
    # What was confirmed or added stays though no rule says it any more; the third goes with its rule.
    assert tagged(cases) == {with_it[1], without}
    assert found(cases) == 2


def test_a_crawl_beside_it_loses_nothing(cases: House) -> None:
    publish(cases, with_word(cases))
    problems: list[BaseException] = []

    def crawl() -> None:
        try:
            for number in range(8):
                docket = f"2:26-cv-{number}" if number % 2 else f"9:26-cv-{number}"
                text = f"Complaint about a {WORD}, told anew."
                record(cases, raw_case(docket, text=text, parties=PARTIES), origin(cases, authority=90))
                drain(cases)
        except BaseException as error:
            problems.append(error)

    crawling = threading.Thread(target=crawl)
    crawling.start()
    retag(cases)
    crawling.join()
    assert problems == []
    drain(cases)
    with cases.database.read() as session:
        with_it = set(session.scalars(select(Case.id).where(Case.text.contains(WORD))))
    assert tagged(cases) == with_it and len(with_it) == found(cases) >= 8


def test_parties_put_together_beside_it_stay_together(cases: House, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(cases, with_word(cases))
    actor, done = staff(cases), []

    def put_together(handle: JobHandle) -> None:
        with cases.database.write() as session:
            one, other = session.scalars(select(Party.who).distinct().order_by(Party.who)).all()
            seen = mark_of(session, [one, other])
            why = "one register entry"
            done.append(merge(session, cases.clock, actor, one, other, why, seen=seen))

    when_told(monkeypatch, 3, put_together)
    assert retag(cases) == 3
    assert len(tagged(cases)) == 3 and len(done) == 1
    with cases.database.read() as session:
        assert session.scalar(select(func.count(PartyLink.key))) == 1
