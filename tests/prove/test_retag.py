"""Retagging many cases after a rule change, stopped, killed with -9 and gone on with, while cases are being told.

2,000 cases a round of ``SEAMARK_PROVE_ROUNDS`` in full (50: 100,000), half of that in the pipeline. At the end every case
carries what the new book tells of it, the index says the same as SQL, nobody was alerted, and the time a thousand cases took
is printed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from sqlalchemy import func, select

from cases.models import Case, Tag
from config import ROOT, load_settings, prove_rounds, proves_in_full
from core.actor import Actor
from core.clock import SystemClock
from core.jobs import Job, JobState, request_stop
from house import House, build_house, build_missing_indexes, upgrade
from search.port import SearchRequest
from tests.factories import bring_firms, drain, origin, raw_case, record, staff
from tests.prove.retag_store import fill
from tests.warning.rule_world import RULE, TAG, WORD, author, publish, tagged, with_word
from warning.corrections import correct_tag, corrected, corrections_of
from warning.models import Alert
from warning.retag import RETAG, last_run
from warning.review_models import Verdict
from warning.rule_editing import roll_back
from warning.understand import is_same, told_by

pytestmark = pytest.mark.prove


def start(home: Path) -> subprocess.Popen[bytes]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SEAMARK_")}
    environ = {**kept, "SEAMARK_HOME": str(home), "SEAMARK_LOG_LEVEL": "ERROR"}
    command = [sys.executable, "-m", "cli", "jobs", "run", "retag-due"]
    return subprocess.Popen(command, env=environ, cwd=ROOT, stdout=subprocess.DEVNULL)


def newest(house: House) -> Job:
    with house.database.read() as session:
        job = last_run(session)
        assert job is not None
        return job


def wait_until(house: House, progress: int, process: subprocess.Popen[bytes], runs: int) -> None:
    """Until the ``runs``-th run has told so many cases, or the process has ended."""
    deadline = time.monotonic() + 900
    while process.poll() is None and time.monotonic() < deadline:
        with house.database.read() as session:
            told = session.scalar(select(func.count(Job.id)).where(Job.name == RETAG)) or 0
        if told >= runs and newest(house).progress >= progress:
            return
        time.sleep(0.02)


def wrong(house: House) -> list[str]:
    """Cases that do not carry what the book in force and staff say of them, by the book in force."""
    found, last = [], None
    while True:
        with house.database.read() as session:
            book = house.shelf.current(session)
            query = select(Case).order_by(Case.id).limit(2000)
            cases = session.scalars(query if last is None else query.where(Case.id > last)).all()
            if not cases:
                return found
            spoken = corrections_of(session, [case.id for case in cases])
            for case in cases:
                fresh = corrected(told_by(case, book), spoken.get(case.id, {}))
                if not is_same(case.tags, fresh):
                    found.append(case.docket_number)
            last = cases[-1].id


def test_a_retag_is_stopped_killed_and_ends_whole(tmp_path: Path) -> None:
    # Filling a store takes most of the time of a small one.
    count = prove_rounds() * (2000 if proves_in_full() else 1000)
    home = tmp_path / "home"
    house = build_house(load_settings({"SEAMARK_HOME": str(home)}), SystemClock())
    upgrade(house)
    bring_firms(house)
    with_word_before = fill(house, count)
    build_missing_indexes(house)
    actor: Actor = staff(house)
    with house.database.write() as session:
        # What staff said before stays said: one of the cases that gain the tag is not to carry it.
        spoken = session.scalars(select(Case.id).where(Case.text.contains(WORD)).limit(1)).one()
        correct_tag(session, house.clock, actor, spoken, *TAG, Verdict.ADD, "seen in the file", seen=None)
    drain(house)
    with house.database.write() as session:
        row = corrections_of(session, [spoken])[spoken][TAG]
        correct_tag(session, house.clock, actor, spoken, *TAG, Verdict.REMOVE, "it is not", seen=row.id)
    drain(house)
    publish(house, with_word(house))
    killed = 0
    told_now: set[uuid.UUID] = set()
    begun = time.monotonic()
    for runs, share in enumerate((0.15, 0.4, 0.65), start=1):
        process = start(home)
        wait_until(house, int(count * share), process, runs)
        if share == 0.4:
            with house.database.write() as session:
                job = last_run(session)
                assert job is not None
                request_stop(session, house.clock, actor, job.id)
            assert process.wait(600) is not None
            ended = newest(house)
            assert ended.state in (JobState.CANCELLED, JobState.DONE)
            if ended.state == JobState.CANCELLED:
                # Whoever stopped it goes on with it: the schedule alone does not.
                before = ended.progress
                assert start(home).wait(600) == 0
                assert newest(house).id == ended.id and newest(house).progress == before
                with house.database.write() as session:
                    session.get_one(Job, ended.id).state = JobState.FAILED.value
        else:
            process.send_signal(signal.SIGKILL)
            killed += process.wait() == -signal.SIGKILL
        # The crawl goes on: a case told anew, and a new one with the word.
        docket = f"2:24-cv-{count // 2 + runs:06d}"
        again = raw_case(docket, text=f"Complaint for patent infringement by a {WORD}. {runs}")
        told_now.add(record(house, again, origin(house, authority=90)).case_id)
        fresh = raw_case(f"9:26-cv-{runs}", text=f"Complaint about one more {WORD}.")
        told_now.add(record(house, fresh).case_id)
        drain(house)
    process = start(home)
    assert process.wait(1200) == 0
    seconds = time.monotonic() - begun
    drain(house)

    last = newest(house)
    assert last.state == JobState.DONE and last.params.get("resumes")
    with house.database.read() as session:
        rows = session.scalars(select(Job).where(Job.name == RETAG).order_by(Job.id)).all()
        total = session.scalar(select(func.count(Case.id))) or 0
    print(
        f"{total} cases, {with_word_before} with the word, {len(rows)} runs, {killed} killed with -9; progress "
        f"{[row.progress for row in rows]}; {seconds:.1f} s in all"
    )
    assert wrong(house) == []
    carrying = tagged(house)
    assert spoken not in carrying and len(carrying) >= with_word_before
    with house.database.read() as session:
        # The firm that the cases told meanwhile name was alerted of those, and of nothing else.
        named = session.scalar(select(func.count(Alert.id)))
        assert set(session.scalars(select(Alert.case_id))) == told_now
    assert _found(house) == len(carrying)

    # Rolled back in one undisturbed run: timed.
    with house.database.write() as session:
        roll_back(session, house.clock, author(house), RULE, 0, "it was wrong", seen=1)
    begun = time.monotonic()
    process = start(home)
    assert process.wait(1200) == 0
    seconds = time.monotonic() - begun
    print(f"undisturbed: {seconds:.1f} s, {1000 * seconds / total:.2f} s per thousand cases")
    begun = time.monotonic()
    drain(house)
    print(f"index and counts followed in {time.monotonic() - begun:.1f} s")
    assert wrong(house) == []
    assert _found(house) == len(tagged(house)) < len(carrying)
    with house.database.read() as session:
        assert session.scalar(select(func.count(Tag.id)).where(Tag.text == WORD)) == 0
        assert session.scalar(select(func.count(Alert.id))) == named
    house.close()


def _found(house: House) -> int:
    request = SearchRequest(collection="cases", filters={"industry": (TAG[1],)}, limit=1)
    page = house.index.search(request, staff(house))
    return page.total
