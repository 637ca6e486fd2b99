"""A simulated day ends with exactly the alerts and mails that plain arithmetic over its events gives.

Every source is played through the real crawlers, by a server or, where it has no schedule, as answers that people bring:
new matters, back-dated ones, changed ones, in another order at every visit and some of them twice. A mail server refuses
the first try of one mail in five, and one in fifty for good. Once the program runs
undisturbed; once it is killed with -9 in every simulated hour. Three planted faults, of the ledger and of the matcher, are
caught. In full (``SEAMARK_PROVE_ROUNDS`` of 50): 2,000 firms, 10,000 watch profiles, 24 hours, on PostgreSQL.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path

import pytest

from config import prove_rounds
from tests.prove.day.oracle import expected, misread
from tests.prove.day.plan import Day, Size, make_day
from tests.prove.day.running import Outcome, fill, outcome, run, settings_of
from tests.prove.day.servers import Sources, serve_mail, serve_sources

pytestmark = pytest.mark.prove

FULL = Size(firms=2_000, profiles=5, hours=24, matters=150)
SMALL = Size(firms=60, profiles=5, hours=4, matters=12)
TINY = Size(firms=60, profiles=5, hours=1, matters=40)


def _day() -> Day:
    return make_day(FULL if prove_rounds() >= 50 else SMALL)


def _live(day: Day, home: Path, url: str, *flags: str, is_killed: bool = False) -> list[str]:
    """Run the day; returns what is wrong at its end."""
    began = time.monotonic()
    with serve_mail() as post:
        sources = Sources(day)
        with serve_sources(sources):
            settings = settings_of(home, url, sources, post)
            profiles = fill(settings, day)
            last, kills = run(settings, day, sources, post, *flags, is_killed=is_killed)
        ended = outcome(settings, day, post)
    wanted = expected(day, ended.cases, profiles, last)
    again = [key for key, taken in post.taken.items() if len(taken) > 1]
    about = {
        "firms": day.size.firms, "profiles": len(profiles), "hours": day.size.hours, "kills": kills,
        "visits": {source: len(ticks) for source, ticks in sorted(sources.asked.items())},
        "killed after a mail was taken": len(post.died_on),
        "cases": len(ended.cases), "alerts": dict(Counter(kind for *_, kind in ended.alerts.elements())),
        "mails": ended.mails, "refused first": len(post.refused), "refused for good": len(post.for_good),
        "taken again after a kill": len(again),
        "seconds": round(time.monotonic() - began),
    }  # fmt: skip
    print(json.dumps(about))
    wrong = _wrong(day, sources, ended, wanted, last)
    # Whoever dies before it hears that a mail was taken sends it again under the same id, and nobody else does.
    wrong += [f"mail {key} was sent {len(post.taken[key])} times" for key in again if key not in post.died_on]
    if is_killed and len(post.died_on) < day.size.hours // 4:
        wrong.append(f"only {len(post.died_on)} kills met a mail under way: the day proves too little")
    return wrong


def _wrong(
    day: Day, sources: Sources, ended: Outcome, wanted: Counter[tuple[str, int, str, str]], last: int
) -> list[str]:
    wrong = list(ended.faults)
    for matter in day.matters:
        told = ended.cases.get(f"{matter.source} {matter.number}")
        if told is None and not any(matter.first <= tick for tick in sources.asked.get(matter.source, ())):
            # Some sources are asked twice a day: what they tell after that is tomorrow's.
            continue
        if told is None:
            wrong.append(f"lost: {matter.source} {matter.number}, told from tick {matter.first}")
        elif told.is_public != matter.is_ip:
            wrong.append(
                f"{matter.source} {matter.number} is {'public' if told.is_public else 'a candidate'}"
            )
    for number, told in ended.cases.items():
        wrong += [f"{number}: {said}" for said in misread(told, last)]
    wrong += [f"missing: {alert} x {count}" for alert, count in (wanted - ended.alerts).items()]
    wrong += [f"nobody asked for: {alert} x {count}" for alert, count in (ended.alerts - wanted).items()]
    return wrong


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh store: SQLite in small, PostgreSQL in full."""
    if prove_rounds() >= 50:
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path / 'day.db'}"


def test_a_day_tells_everybody_what_concerns_them_once(tmp_path: Path, url: str) -> None:
    wrong = _live(_day(), tmp_path / "home", url)
    assert not wrong, "\n".join(wrong[:40])


def test_a_day_with_a_kill_in_every_hour_ends_the_same(tmp_path: Path, url: str) -> None:
    wrong = _live(_day(), tmp_path / "home", url, is_killed=True)
    assert not wrong, "\n".join(wrong[:40])


@pytest.mark.parametrize(
    ("fault", "said"),
    [("lost", "was taken for []"), ("unmarked", "times"), ("exclude", "nobody asked for")],
)
def test_a_planted_fault_is_caught(tmp_path: Path, fault: str, said: str) -> None:
    day = make_day(TINY)
    wrong = _live(day, tmp_path / "home", f"sqlite:///{tmp_path / 'day.db'}", "--plant", fault)
    assert any(said in line for line in wrong), wrong
