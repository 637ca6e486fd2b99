"""The record of the colours and trying thresholds, as people meet them on the pages."""

from __future__ import annotations

import re
import threading
import uuid

import pytest
from sqlalchemy import select

import warning.surge.trials as trials
from core.jobs import Job
from tests.web.reading import main_text, page
from tests.web.world import Site, post
from warning.surge.thresholds import shipped
from warning.surge.trial_models import Trial

FORM = {
    "note": "fewer yellow ones",
    "alpha": "0.005",
    "false_share": "0.1",
    "quiet_weeks": "2",
    "III-0-p_share": "0.05",
    "II-0-p_share": "0.01",
    "II-0-times": "2",
    "II-0-cases": "5",
    "I-0-p_share": "0.001",
    "I-0-times": "3",
    "I-0-cases": "10",
    "I-0-alarms": "2",
}


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A trial of three simulations of each scenario."""
    monkeypatch.setattr(trials, "SEEDS", (8001,))
    monkeypatch.setattr(trials, "SIMULATIONS", 3)


def _ended() -> None:
    for thread in threading.enumerate():
        if thread.name == "job-surge-trial":
            thread.join()


def _trial(site: Site) -> Trial:
    with site.house.database.read() as session:
        return session.scalars(select(Trial)).one()


def test_everybody_reads_how_good_each_colour_is_and_what_the_truth_was(site: Site) -> None:
    shown = main_text(page(site.visitor(), "/signals/record"))
    assert "planted" in shown and "2,520 simulated series" in shown and "levels.yml" in shown
    assert re.search(r"\d+% \d+–\d+%, n = [\d,]+", shown)
    assert "Try other thresholds" not in shown
    listed = main_text(page(site.visitor(), "/signals"))
    assert listed.count("of 100 such alarms were right") == 4
    chinese = page(site.visitor("zh"), "/signals/record")
    assert "植入" in main_text(chinese)


def test_staff_try_propose_and_a_colleague_adopts(fresh: Site) -> None:
    staff, other = fresh.client("staff"), fresh.client("other")
    form = page(staff, "/signals/trials")
    assert form.select_one("#I-0-cases")["value"] == "10"  # type: ignore[index]
    begun = post(staff, "/signals/trials", FORM)
    assert begun.status_code == 302
    _ended()
    trial = _trial(fresh)
    path = f"/signals/trials/{trial.id}"
    assert begun.headers["Location"].endswith(path)
    assert (
        trial.rules["levels"]["III"] == [{"p_share": 0.05}] and trial.rules["caps"] == shipped().told["caps"]
    )
    shown = main_text(page(staff, path))
    assert "in force:" in shown and "0.05" in shown
    step = {"step": "propose", "reason": "the figures show it", "revision": "1"}
    assert post(staff, f"{path}/step", step).status_code == 302
    assert "a colleague decides" in main_text(page(staff, path))
    adopt = {"step": "adopt", "reason": "I agree with it", "revision": "2"}
    assert post(staff, f"{path}/step", adopt).status_code == 403
    assert post(other, f"{path}/step", {**adopt, "revision": "1"}).status_code == 409
    assert post(other, f"{path}/step", adopt).status_code == 302
    assert "Version 1, adopted by two people" in main_text(page(fresh.visitor(), "/signals/record"))
    assert "fewer yellow ones in force" in main_text(page(staff, "/signals/trials"))


def test_what_cannot_be_tried_is_said_at_its_field(fresh: Site) -> None:
    staff = fresh.client("staff")
    for change in ({"alpha": "7"}, {"I-0-cases": "none"}, {"note": ""}, {"III-0-p_share": ""}):
        answer = post(staff, "/signals/trials", {**FORM, **change})
        assert answer.status_code == 422, change
        assert "fewer yellow ones" in answer.get_data(as_text=True) or "note" in change
    with fresh.house.database.read() as session:
        assert session.scalars(select(Trial)).all() == []


def test_a_trial_that_was_stopped_is_gone_on_with_from_its_page(fresh: Site) -> None:
    staff = fresh.client("staff")
    post(staff, "/signals/trials", FORM)
    _ended()
    trial = _trial(fresh)
    with fresh.house.database.write() as session:
        row = session.get_one(Trial, trial.id)
        row.result = row.done_at = None
        job = session.scalars(select(Job).where(Job.name == "surge-trial")).one()
        job.state = "cancelled"
    path = f"/signals/trials/{trial.id}"
    assert "It was stopped" in main_text(page(staff, path))
    assert post(staff, f"{path}/run", {}).status_code == 302
    _ended()
    assert _trial(fresh).result is not None
    assert post(staff, f"{path}/stop", {}).status_code == 302
    assert staff.get(f"/signals/trials/{uuid.uuid4()}").status_code == 404
