"""A run killed with -9 at random points and started again ends as an uninterrupted one.

``SEAMARK_PROVE_ROUNDS`` rounds (50 in full). Each round starts the worker on an empty store, kills it at a random
moment of its work, starts it again until it finishes (killing the second try too in every third round), and compares
the canonical export, the index digest inside it and the alerts with those of a run that nobody disturbed.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from config import ROOT, prove_rounds

WORKER = Path(__file__).parent / "worker.py"
pytestmark = pytest.mark.prove


@dataclass(frozen=True)
class Outcome:
    """What a store holds at the end."""

    lines: list[str]

    @property
    def alerts(self) -> Counter[str]:
        return Counter(line for line in self.lines if json.loads(line)["kind"] == "alert")

    @property
    def digest(self) -> str:
        return next(str(r["digest"]) for r in map(json.loads, self.lines) if r["kind"] == "index")


def environment(home: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SEAMARK_")}
    return {**kept, "SEAMARK_HOME": str(home), "SEAMARK_LOG_LEVEL": "ERROR"}


def start(home: Path, *flags: str) -> subprocess.Popen[str]:
    """The worker, its work begun."""
    process = subprocess.Popen(
        [sys.executable, str(WORKER), *flags], env=environment(home), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begin\n"
    return process


def finish(process: subprocess.Popen[str]) -> None:
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said


def kill_after(process: subprocess.Popen[str], seconds: float) -> bool:
    """Kill -9 after ``seconds`` of work; False when the work was over before."""
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return process.returncode == -signal.SIGKILL


def export(home: Path) -> Outcome:
    done = subprocess.run(
        [sys.executable, "-m", "cli", "export", "--canonical"],
        env=environment(home), cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return Outcome(done.stdout.splitlines())


def reached(home: Path) -> str:
    """How far a killed run had come, for the log."""
    import sqlite3

    if not (home / "seamark.db").exists():
        return "no database yet"
    with sqlite3.connect(home / "seamark.db") as db:
        try:
            cases = db.execute('SELECT count(*) FROM "case"').fetchone()[0]
            states = dict(db.execute("SELECT state, count(*) FROM outbox_delivery GROUP BY state").fetchall())
            alerts = db.execute("SELECT count(*) FROM alert").fetchone()[0]
        except sqlite3.OperationalError:
            return "no schema yet"
    db.close()
    return f"{cases} cases, deliveries {states}, {alerts} alerts"


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, float]:
    """What nobody disturbed, and how many seconds its work took."""
    home = tmp_path_factory.mktemp("undisturbed")
    begin = time.monotonic()
    finish(start(home))
    took = time.monotonic() - begin
    return export(home), took


def test_the_work_is_worth_killing(undisturbed: tuple[Outcome, float]) -> None:
    outcome, _ = undisturbed
    kinds = Counter(json.loads(line)["kind"] for line in outcome.lines)
    assert min(kinds["case"], kinds["firm"], kinds["match"], kinds["alert"]) > 5
    assert kinds["index"] == 1


def test_the_same_work_done_twice_changes_nothing(undisturbed: tuple[Outcome, float], tmp_path: Path) -> None:
    outcome, _ = undisturbed
    finish(start(tmp_path))
    finish(start(tmp_path))
    assert export(tmp_path).lines == outcome.lines


def test_a_killed_run_ends_like_an_undisturbed_one(
    undisturbed: tuple[Outcome, float], tmp_path: Path
) -> None:
    outcome, took = undisturbed
    rounds, chance = prove_rounds(), random.Random(os.environ.get("PYTEST_XDIST_TESTRUNUID"))
    kills = 0
    while kills < rounds:
        home = tmp_path / f"round-{kills}"
        for attempt in range(2 if kills % 3 == 0 else 1):
            after = chance.uniform(0, took)
            was_killed = kill_after(start(home), after)
            print(f"kill {kills + 1}/{rounds}, try {attempt + 1}, after {after:.3f} s: "
                  f"{reached(home) if was_killed else 'it was over before'}")  # fmt: skip
        finish(start(home))
        ended = export(home)
        assert ended.alerts == outcome.alerts
        assert ended.digest == outcome.digest
        assert ended.lines == outcome.lines
        kills += was_killed
        shutil.rmtree(home)


def test_a_planted_lost_write_is_caught(undisturbed: tuple[Outcome, float], tmp_path: Path) -> None:
    outcome, took = undisturbed
    chance = random.Random(11)
    for number in range(20):
        home = tmp_path / f"planted-{number}"
        after = chance.uniform(0.1, 0.7) * took
        kill_after(start(home, "plant"), after)
        finish(start(home, "plant"))
        differs = export(home).lines != outcome.lines
        print(f"planted fault, killed after {after:.3f} s: {'caught' if differs else 'not met'}")
        if differs:
            return
    pytest.fail("twenty kills did not show the planted fault: the proof proves nothing")
