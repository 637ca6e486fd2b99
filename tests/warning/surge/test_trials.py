"""Thresholds are tried part by part, proposed and adopted by two people, and judge the weeks that come."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

import warning.surge.trials as trials
from core.actor import VISITOR, Actor, Role
from core.audit import AuditRow
from core.clock import FixedClock
from core.errors import BadInput, JobCancelled, NotAllowed, NotFound, StaleWrite, StoreBusy, TransitionRefused
from core.jobs import Job, JobHandle, request_stop, run_job
from core.lease import held
from house import House
from tests.factories import bring_firms, member, staff
from tests.warning.surge.history import fill
from tests.warning.surge.told_world import judge, signal_of, take
from warning.surge.explain import next_level
from warning.surge.record import record_in_force
from warning.surge.signal_models import JudgedWeek
from warning.surge.thresholds import (
    adopted,
    decide_thresholds,
    get_trial,
    rules_in_force,
    rules_of_week,
    shipped,
)
from warning.surge.trial_models import THRESHOLD_WORKFLOW, ThresholdState, Trial, TrialPart
from warning.surge.trials import begin_trial, decided_rises, list_trials, replayable, run_trial

#: what a blue signal of the tests' rise becomes yellow by
LOOSE = {**shipped().told, "levels": {**shipped().told["levels"], "III": [{"cases": 4}]}}
REASON = "the figures of the trial show it"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Smaller simulated worlds and a shorter replay: the record of the real ones is tested elsewhere."""
    monkeypatch.setattr(trials, "SEEDS", (8001, 8002))
    monkeypatch.setattr(trials, "SIMULATIONS", 3)
    monkeypatch.setattr(trials, "MOST_WEEKS", 4)
    monkeypatch.setattr(trials, "draw_world", lambda seed, simulations: _world(seed))


_WORLDS: dict[int, Any] = {}


def _world(seed: int) -> Any:
    from warning.surge.simulated import draw_world

    if seed not in _WORLDS:
        _WORLDS[seed] = draw_world(seed, 3)
    return _WORLDS[seed]


def _people(house: House) -> tuple[Actor, Actor]:
    one = staff(house)
    return one, Actor("user:colleague", frozenset({Role.STAFF}), centre_id=one.centre_id)


def _begin(house: House, actor: Actor, told: dict[str, Any] = LOOSE) -> Trial:
    with house.database.write() as session:
        return begin_trial(session, house.clock, actor, told, "more yellow")


def _done(house: House, actor: Actor, told: dict[str, Any] = LOOSE) -> Trial:
    """A trial with a result, as if it had been run."""
    trial = _begin(house, actor, told)
    with house.database.write() as session:
        row = session.get_one(Trial, trial.id)
        row.result, row.done_at = {"simulated": [], "history": []}, house.clock.now()
    return trial


def _step(house: House, actor: Actor, trial: Trial, step: str, reason: str = REASON) -> Trial:
    with house.database.write() as session:
        seen = session.get_one(Trial, trial.id).revision
        return decide_thresholds(session, house.clock, actor, trial.id, step, reason, seen=seen)


def test_a_trial_counts_simulated_years_and_the_stored_history(house: House) -> None:
    fill(house, weeks=60)
    judge(house)
    actor = staff(house)
    take(house, actor, signal_of(house), "confirm")
    trial = _begin(house, actor)
    run_job(
        house.database,
        house.clock,
        actor,
        "surge-trial",
        lambda h: run_trial(house.database, house.clock, trial.id, h),
    )
    with house.database.read() as session:
        found = get_trial(session, actor, trial.id)
        parts = set(session.scalars(select(TrialPart.part)))
        weeks = replayable(session, house.clock, most=4)
        job = session.scalars(select(Job)).one()
        assert found.result is not None and found.done_at == house.clock.now()
        assert parts == {"seed:8001", "seed:8002", *(f"week:{week}" for week in weeks)}
        assert (job.progress, job.total) == (6, 6) and len(weeks) == 4
        assert [one.id for one in list_trials(session, actor)] == [trial.id]
        assert list_trials(session, VISITOR) == []
    blue = next(row for row in found.result["simulated"] if row["level"] == "IV")
    assert blue["found"]["count"] > 100 and 0.3 < blue["found"]["value"] < 0.7
    yellow = next(row for row in found.result["history"] if row["level"] == "III")
    assert yellow["weeks"] == 4 and yellow["found"] == {**yellow["found"], "value": 1.0, "count": 1}
    assert yellow["right"]["count"] == 1 and yellow["lead"]["value"] == 0


def test_a_stopped_trial_goes_on_where_it_was(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    actor = staff(house)
    trial = _begin(house, actor)
    counted: list[str] = []
    plain = trials._count

    def count(database: Any, of: Trial, part: str) -> list[Any]:
        counted.append(part)
        return plain(database, of, part)

    monkeypatch.setattr(trials, "_count", count)

    def run(handle: JobHandle) -> None:
        with house.database.write() as session:
            request_stop(session, house.clock, actor, handle.id)
        run_trial(house.database, house.clock, trial.id, handle)

    with pytest.raises(JobCancelled):
        run_job(house.database, house.clock, actor, "surge-trial", run)
    assert counted == []
    with house.database.write() as session:
        session.add(
            TrialPart(trial_id=trial.id, part="seed:8001", sums=plain(house.database, trial, "seed:8001"))
        )
    run_trial(house.database, house.clock, trial.id)
    assert counted == ["seed:8002"]
    run_trial(house.database, house.clock, trial.id)
    assert counted == ["seed:8002"], "what is done is not counted again"
    with house.database.read() as session:
        first = get_trial(session, actor, trial.id).result
    again = _begin(house, actor)
    run_trial(house.database, house.clock, again.id)
    with house.database.read() as session:
        assert get_trial(session, actor, again.id).result == first, "the same record in one go"


def test_one_process_runs_a_trial(house: House) -> None:
    trial = _begin(house, staff(house))
    with held(house.database, house.clock, f"surge-trial:{trial.id}"), pytest.raises(StoreBusy):
        run_trial(house.database, house.clock, trial.id)


@pytest.mark.parametrize(
    "change",
    [
        {"alpha": 0.2},
        {"false_share": 0},
        {"quiet_weeks": 0},
        {"levels": {"IV": [{}]}},
        {"levels": {**LOOSE["levels"], "III": [{"moon": 1}]}},
    ],
)
def test_what_cannot_be_read_is_not_tried(change: dict[str, Any], house: House) -> None:
    with pytest.raises(BadInput):
        _begin(house, staff(house), {**LOOSE, **change})


def test_only_staff_try_with_a_note(house: House) -> None:
    bring_firms(house)
    for nobody in (VISITOR, member(house, "alpha")):
        with pytest.raises(NotAllowed):
            _begin(house, nobody)
    with pytest.raises(BadInput), house.database.write() as session:
        begin_trial(session, house.clock, staff(house), LOOSE, "no")
    trial = _begin(house, staff(house))
    with house.database.read() as session, pytest.raises(NotFound):
        get_trial(session, VISITOR, trial.id)


@pytest.mark.parametrize("state", list(ThresholdState))
@pytest.mark.parametrize("step", [step.name for step in THRESHOLD_WORKFLOW.steps])
@pytest.mark.parametrize("who", ["proposer", "colleague", "member", "visitor"])
def test_every_step_from_every_state_by_everybody(
    state: ThresholdState, step: str, who: str, house: House
) -> None:
    bring_firms(house)
    one, two = _people(house)
    actor = {"proposer": one, "colleague": two, "member": member(house, "alpha"), "visitor": VISITOR}[who]
    trial = _done(house, one)
    way = {
        "tried": (),
        "proposed": (("propose", one),),
        "adopted": (("propose", one), ("adopt", two)),
        "refused": (("propose", one), ("refuse", two)),
        "replaced": (("propose", one), ("adopt", two)),
    }[state.value]
    for name, by in way:
        _step(house, by, trial, name)
    if state is ThresholdState.REPLACED:
        other = _done(house, one)
        _step(house, one, other, "propose")
        _step(house, two, other, "adopt")
    declared = THRESHOLD_WORKFLOW.step(step)
    is_own = who == "proposer"
    refused = (
        who in ("member", "visitor")
        or state.value not in declared.sources
        or step == "replace"
        or (step in ("adopt", "refuse") and is_own)
        or (step == "withdraw" and not is_own)
    )
    if refused:
        with pytest.raises((NotAllowed, TransitionRefused)):
            _step(house, actor, trial, step)
        with house.database.read() as session:
            assert session.get_one(Trial, trial.id).state == state
    else:
        assert _step(house, actor, trial, step).state == declared.target


def test_what_is_adopted_judges_the_next_week_and_changes_no_signal(each_house: House) -> None:
    house = each_house
    fill(house, weeks=60)
    judge(house)
    one, two = _people(house)
    before = signal_of(house)
    trial = _done(house, one, {**LOOSE, "levels": {**LOOSE["levels"], "III": [{"cases": 400}]}})
    _step(house, one, trial, "propose")
    _step(house, two, trial, "adopt")
    clock = house.clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(weeks=1))
    judge(house)
    with house.database.read() as session:
        weeks = session.scalars(select(JudgedWeek).order_by(JudgedWeek.week)).all()
        assert [week.rules_version for week in weeks] == [0, 1]
        assert rules_of_week(session, weeks[0]).version == 0
        later = rules_of_week(session, weeks[1])
        assert later.rules.ways[1][0].cases == 400 and rules_in_force(session).version == 1
        record = record_in_force(session)
        assert (record.version, record.since) == (1, clock.now() - timedelta(weeks=1))
        _, ways, _ = next_level(before, later.rules, later.alpha)
        assert before.level == "III" or any("400" in part.words.en for way in ways for part in way)
        acts = session.scalars(select(AuditRow.action).where(AuditRow.subject == "thresholds")).all()
        assert list(acts) == ["thresholds.try", "thresholds.propose", "thresholds.adopt"]
    assert signal_of(house, week=before.week).level == before.level


def test_another_adoption_takes_the_place_of_the_first(each_house: House) -> None:
    house = each_house
    one, two = _people(house)
    made = []
    for _ in range(2):
        trial = _done(house, one)
        _step(house, one, trial, "propose")
        _step(house, two, trial, "adopt")
        made.append(trial.id)
    with house.database.read() as session:
        states = {row.id: (row.state, row.version) for row in session.scalars(select(Trial))}
        stands = adopted(session)
        assert stands is not None and stands.id == made[1]
    assert [states[identity] for identity in made] == [("replaced", 1), ("adopted", 2)]


def test_what_is_refused_changes_nothing(house: House) -> None:
    one, two = _people(house)
    trial = _begin(house, one)
    with pytest.raises(TransitionRefused):
        _step(house, one, trial, "propose")
    done = _done(house, one)
    with pytest.raises(BadInput):
        _step(house, one, done, "propose", "no")
    _step(house, one, done, "propose")
    with pytest.raises(StaleWrite), house.database.write() as session:
        decide_thresholds(session, house.clock, two, done.id, "adopt", REASON, seen=1)
    with house.database.read() as session:
        assert adopted(session) is None and rules_in_force(session).version == 0


def test_a_rise_is_true_when_one_of_its_weeks_was_confirmed(house: House) -> None:
    fill(house, weeks=60)
    judge(house)
    cell, region = signal_of(house), signal_of(house, "region", "US")
    take(house, staff(house), cell, "confirm")
    take(house, staff(house), region, "dismiss")
    with house.database.read() as session:
        found = decided_rises(session)
    assert found == {
        ("cell", cell.value): [(cell.week, cell.week, True)],
        ("region", "US"): [(region.week, region.week, False)],
    }
