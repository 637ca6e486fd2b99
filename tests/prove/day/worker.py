"""The program itself in a process of its own, for :mod:`tests.prove.day.test_day`: it does at each tick what its job table
would do, and may be killed at any instant.

Reads ticks from its input, a number a line, and writes the number back when that tick's work is done. ``--plant`` breaks
it on purpose: ``lost`` marks one mail in four as sent that never left, ``unmarked`` forgets to write into the ledger that
one in four was taken, ``exclude`` forgets the words that a watch profile leaves out.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import tempfile
import uuid
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3]))

import gather
import jobs
import warning.watch
from config import load_settings
from core.clock import FixedClock
from core.errors import SeamarkError
from core.log import configure_logging
from crawlers.fetch import HttpFetcher
from house import House, build_house
from notify.channels import Parcel, SmtpChannel
from notify.dispatch import Dispatcher
from tests.prove.day.pages import docket, page
from tests.prove.day.plan import BEGIN, BY_HAND, HOUR, TICK, Day, Size, make_day

#: the jobs that carry a case to a mail, in the order of a quarter of a minute
_CRAWL, _DELIVER, _DISPATCH, _DESK = (jobs.job_named(n) for n in ("crawl", "deliver", "dispatch", "desk"))


def _plant(fault: str | None) -> None:
    if fault == "exclude":
        criteria_of = warning.watch.criteria_of

        def forgetful(*told: Any) -> Any:
            return dataclasses.replace(criteria_of(*told), exclude=())

        warning.watch.criteria_of = forgetful
    elif fault == "lost":
        send = SmtpChannel.send

        def lose(self: SmtpChannel, parcel: Parcel) -> str:
            return "planted" if _is_one_in_four(parcel.key) else send(self, parcel)

        SmtpChannel.send = lose  # type: ignore[method-assign]
    elif fault == "unmarked":
        mark = Dispatcher._mark

        def forget(self: Dispatcher, claim: Any, step: str, **told: Any) -> tuple[str, int]:
            if step == "accept" and claim.attempt == 1 and _is_one_in_four(claim.delivery_id):
                return step, 1
            return mark(self, claim, step, **told)

        Dispatcher._mark = forget  # type: ignore[method-assign]


def _is_one_in_four(key: uuid.UUID) -> bool:
    return zlib.crc32(str(key).encode()[::-1]) % 4 == 0


def _by_hand(house: House, day: Day, tick: int) -> None:
    """Bring the answers of sources without a schedule, and the dockets bought since the last hour."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for source in BY_HAND:
            if source == "us_pacer_docket":
                continue
            kind, body = page(day, source, "", tick)
            (folder / source).mkdir()
            (folder / source / ("answer.json" if "json" in kind else "answer.xml")).write_bytes(body)
        bought = [m for m in day.matters if m.source == "us_pacer_docket" and m.first <= tick]
        for matter in bought:
            (folder / matter.source).mkdir(exist_ok=True)
            place = folder / matter.source / f"{matter.court}_{matter.number.replace(':', '-')}.xml"
            place.write_bytes(docket(matter))
        tallies = gather.gather(house, replay=folder)
    wrong = [str(tally.error) for tally in tallies if tally.error] + [
        t.source_id for t in tallies if t.rejected
    ]
    if wrong:
        sys.exit(f"brought by hand: {wrong}")


def _run(house: House, spec: jobs.JobSpec) -> None:
    try:
        jobs.run_now(house, spec)
    except SeamarkError as error:
        # As the scheduler does: what is held by a process that was killed is done at a later turn.
        print(f"put off: {error}", file=sys.stderr, flush=True)


def main() -> None:
    """Work through the ticks that are told."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", required=True)
    parser.add_argument("--plant", choices=("lost", "unmarked", "exclude"))
    given = parser.parse_args()
    _plant(given.plant)
    configure_logging("ERROR", as_json=False)
    day = make_day(Size(*map(int, given.size.split(","))))
    clock = FixedClock(BEGIN)
    told = HttpFetcher.__init__.__kwdefaults__
    # A site's pace is counted in the day's time, and nobody sleeps for it.
    slept = [0.0]
    told |= {
        "sleep": lambda seconds: slept.append(slept.pop() + seconds),
        "monotonic": lambda: clock.now().timestamp() + slept[0],
    }
    house = build_house(load_settings(), clock)
    print("ready", flush=True)
    for line in sys.stdin:
        tick = int(line)
        clock.advance(BEGIN + tick * TICK - clock.now())
        _run(house, _CRAWL)
        if tick % HOUR == 0:
            _by_hand(house, day, tick)
        _run(house, _DELIVER)
        clock.advance(timedelta(seconds=20))
        _run(house, _DISPATCH)
        _run(house, _DELIVER)
        _run(house, _DESK)
        print(tick, flush=True)


if __name__ == "__main__":
    main()
