"""Runs a day: fills the house, leads the worker from tick to tick, kills it when asked, and reads what came of it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from accounts.models import AccountRole, User
from cases.models import Case, CaseStatus
from config import ROOT, load_settings
from core.actor import Actor, Role, system_actor
from core.centres import first_centre
from core.clock import FixedClock
from core.db import new_id
from core.outbox import backlog, drain
from crawlers.models import CrawlRun, RejectedItem
from enterprises.importing import import_firms
from enterprises.models import Firm
from house import House, build_house, upgrade
from notify.models import Message, MessageDelivery, MessageSubject
from tests.prove.day.oracle import Asked, Expected, Told
from tests.prove.day.plan import BEGIN, BY_HAND, HOUR, TICK, Day, firms_csv
from tests.prove.day.servers import Post, Sources
from warning.models import Alert, WatchProfile
from warning.watch_profiles import create_profile

WORKER = Path(__file__).with_name("worker.py")


def settings_of(home: Path, database_url: str, sources: Sources, post: Post) -> dict[str, str]:
    """The house's settings as environment variables."""
    return {
        "SEAMARK_HOME": str(home),
        "SEAMARK_DATABASE_URL": database_url,
        "SEAMARK_MIRROR": f"http://{sources.address}",
        "SEAMARK_FETCH_ALLOW": sources.address,
        "SEAMARK_COURTS": "cacd,ded,ilnd,txed",
        "SEAMARK_SMTP_URL": f"smtp://127.0.0.1:{post.port}",
        "SEAMARK_MAIL_FROM": "Seamark <notices@centre.example.org>",
        "SEAMARK_LOG_LEVEL": "ERROR",
    }


def fill(settings: dict[str, str], day: Day) -> list[Asked]:
    """Firms, an account each and what they watch, the day before; returns what was asked for."""
    house = build_house(load_settings(settings), FixedClock(BEGIN - 24 * HOUR * TICK))
    try:
        upgrade(house)
        with house.database.read() as session:
            centre = first_centre(session).id
        import_firms(house.database, house.clock, system_actor("day", centre), "firms.csv", firms_csv(day))
        with house.database.read() as session:
            firms = [(ref, key) for ref, key in session.execute(select(Firm.ref, Firm.id).order_by(Firm.ref))]
        asked = _profiles(house, day, centre, firms)
        drain(house.database, house.subscriptions, house.clock)
        return asked
    finally:
        house.close()


def _profiles(house: House, day: Day, centre: uuid.UUID, firms: list[tuple[str, uuid.UUID]]) -> list[Asked]:
    wanted, asked = iter(day.world.profiles(len(firms) * day.size.profiles)), []
    for ref, firm in firms:
        with house.database.write() as session:
            account = User(
                id=new_id(),
                email=f"{ref.lower()}@firms.example.com",
                # Nobody signs in; the slow hash of a password would take an hour for them all.
                password="none",
                fs_uniquifier=uuid.uuid4().hex,
                centre_id=centre,
                firm_id=firm,
                created_at=house.clock.now(),
                roles=[AccountRole(name=Role.FIRM_MEMBER.value)],
            )
            session.add(account)
            session.flush()
            member = frozenset({Role.FIRM_MEMBER})
            actor = Actor(f"user:{ref}", member, centre_id=centre, firm_id=firm, user_id=account.id)
            for number in range(day.size.profiles):
                told = next(wanted)
                create_profile(session, house.clock, actor, f"profile {number}", told)
                lists = {
                    name: list(getattr(told, name))
                    for name in ("industries", "regions", "dispute_types", "include", "exclude", "competitors",
                                 "rights", "exhibitions")
                }  # fmt: skip
                asked.append(Asked(ref, number, **lists))
    return asked


@dataclass
class Line:
    """The worker, and how often it was killed."""

    environ: dict[str, str]
    flags: tuple[str, ...]
    process: subprocess.Popen[str] | None = None
    kills: int = 0

    def begin(self, tick: int) -> subprocess.Popen[str]:
        """Tell the worker a tick; start one where none runs."""
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, str(WORKER), *self.flags],
                env=self.environ, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            assert self.process.stdout is not None
            assert self.process.stdout.readline() == "ready\n"
        assert self.process.stdin is not None
        self.process.stdin.write(f"{tick}\n")
        self.process.stdin.flush()
        return self.process

    def work(self, tick: int) -> float:
        """Do a tick to its end; returns the seconds it took."""
        process, begin = self.begin(tick), time.monotonic()
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said == f"{tick}\n", f"tick {tick}: the worker said {said!r}"
        return time.monotonic() - begin

    def kill(self, tick: int, later: float) -> None:
        """Begin a tick and kill the worker ``later`` seconds after."""
        process = self.begin(tick)
        time.sleep(later)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        self.process, self.kills = None, self.kills + 1

    def kill_at_mail(self, tick: int, post: Post) -> bool:
        """Work at a tick until the mail server has taken a mail, and die before hearing of it; False when the tick has
        none."""
        process = self.begin(tick)
        assert process.stdout is not None
        post.victim = process.pid
        said = process.stdout.readline()
        post.victim = None
        if said:
            assert said == f"{tick}\n", f"tick {tick}: the worker said {said!r}"
            return False
        process.communicate()
        self.process, self.kills = None, self.kills + 1
        return True

    def end(self) -> None:
        """Let the worker go."""
        if self.process is not None:
            self.process.communicate(timeout=60)
            self.process = None


@contextmanager
def _line(environ: dict[str, str], flags: tuple[str, ...]) -> Iterator[Line]:
    line = Line(environ, flags)
    try:
        yield line
        line.end()
    finally:
        if line.process is not None:
            line.process.kill()


def run(
    settings: dict[str, str], day: Day, sources: Sources, post: Post, *flags: str, is_killed: bool = False
) -> tuple[int, int]:
    """Work through the day and until nothing waits; (last tick, kills). With ``is_killed`` the worker dies once in each
    hour: in turn at a random instant, and between the server's taking of a mail and its hearing so."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SEAMARK_")}
    size = ",".join(
        str(part) for part in (day.size.firms, day.size.profiles, day.size.hours, day.size.matters)
    )
    with _line({**kept, **settings}, ("--size", size, *flags)) as line:
        executioner = _Executioner(line, post)
        for tick in range(day.ticks):
            sources.tick = tick
            if tick % HOUR == 0:
                for source in BY_HAND:
                    sources.asked.setdefault(source, []).append(tick)
            if not (is_killed and executioner.did(tick)):
                executioner.longest = max(executioner.longest / 2, line.work(tick))
        # Never at a full hour, when people bring what came later.
        for tick in range(day.ticks + 1, day.ticks + 12 * HOUR, 3):
            line.work(tick)
            if _is_settled(settings, tick):
                break
        return day.ticks - 1, line.kills


@dataclass
class _Executioner:
    """Kills the worker once an hour."""

    line: Line
    post: Post
    chance: random.Random = field(default_factory=random.Random)
    longest: float = 1.0  #: seconds that a busy tick took of late
    doomed: int = 0  #: the tick of this hour's kill, or the first at which a mail will do
    is_due: bool = False

    def did(self, tick: int) -> bool:
        """Kill the worker if this tick is the one; whether the tick was done all the same."""
        at_mail = tick // HOUR % 2 == 1
        if tick % HOUR == 0:
            # An hour's first tick does most of the work.
            first = at_mail or self.chance.random() < 0.5
            self.is_due, self.doomed = True, tick + (0 if first else self.chance.randrange(HOUR))
        if not self.is_due or tick < self.doomed:
            return False
        if at_mail and tick % HOUR < HOUR - 1:
            if not self.line.kill_at_mail(tick, self.post):
                return True
        else:
            self.line.kill(tick, self.chance.uniform(0, self.longest))
        self.is_due = False
        return False


def _is_settled(settings: dict[str, str], tick: int) -> bool:
    house = build_house(load_settings(settings), FixedClock(BEGIN + tick * TICK))
    try:
        with house.database.read() as session:
            waiting = select(func.count()).select_from(MessageDelivery)
            waiting = waiting.where(MessageDelivery.state.in_(["queued", "retried"]))
            return not backlog(session) and not session.scalar(waiting)
    finally:
        house.close()


@dataclass
class Outcome:
    """What a day ended with."""

    cases: dict[str, Told]
    alerts: Counter[Expected]
    faults: list[str]
    mails: int


def outcome(settings: dict[str, str], day: Day, post: Post) -> Outcome:
    """Read cases, alerts and the ledger, and hold the ledger against what the mail server took."""
    house = build_house(load_settings(settings), FixedClock(BEGIN))
    matters = {_key(m.number): m for m in day.matters}
    try:
        with house.database.read() as session:
            cases, faults = {}, []
            numbers: dict[uuid.UUID, str] = {}
            query = select(Case).options(selectinload(Case.tags), selectinload(Case.parties))
            for case in session.scalars(query):
                matter = matters.get(_key(case.docket_number))
                if matter is None:
                    faults.append(f"a case nobody told: {case.venue} {case.docket_number}")
                    continue
                tags: dict[str, set[str]] = defaultdict(set)
                for tag in case.tags:
                    tags[tag.kind].add(tag.value)
                numbers[case.id] = f"{matter.source} {matter.number}"
                cases[numbers[case.id]] = Told(
                    matter, case.status == CaseStatus.PUBLIC.value, case.caption, case.title, case.text,
                    [party.name for party in case.parties], [str(right["number"]) for right in case.rights], tags,
                )  # fmt: skip
            refs = dict(session.execute(select(Firm.id, Firm.ref)).all())
            named = dict(session.execute(select(WatchProfile.id, WatchProfile.name)).all())
            alerts: Counter[Expected] = Counter()
            for alert in session.scalars(select(Alert)):
                profile = int(named[alert.profile_id].split()[1]) if alert.profile_id else -1
                kind = alert.trigger.partition(":")[0]
                alerts[refs[alert.firm_id], profile, numbers.get(alert.case_id, "?"), kind] += 1
            faults += _mail_faults(session, refs, post) + _visit_faults(session)
            return Outcome(cases, alerts, faults, len(post.taken))
    finally:
        house.close()


def _key(number: str) -> str:
    # The Commission writes 337-TA-1234 and 337-1234.
    number = number.replace("-TA-", "-")
    return "".join(char for char in number.casefold() if char.isalnum())


def _visit_faults(session: Session) -> list[str]:
    """Visits that failed for another reason than that their process was killed, and items that could not be read."""
    runs = select(CrawlRun).where(CrawlRun.state.in_(["failed", "deferred"]))
    faults = [f"visit of {run.source_id} {run.court}: {run.error}" for run in session.scalars(runs)]
    return faults + [
        f"rejected: {item.reason}: {item.excerpt[:80]}" for item in session.scalars(select(RejectedItem))
    ]


def _mail_faults(session: Session, refs: dict[uuid.UUID, str], post: Post) -> list[str]:
    mails: dict[uuid.UUID, list[str]] = defaultdict(list)
    state: dict[str, tuple[str, str]] = {}
    query = select(MessageDelivery, MessageSubject.subject_id)
    query = query.join(Message, Message.id == MessageDelivery.message_id)
    query = query.join(MessageSubject, MessageSubject.message_id == Message.id)
    for delivery, subject in session.execute(query.where(MessageDelivery.channel == "email")):
        key = str(delivery.carried_by or delivery.id)
        mails[subject].append(key)
        state[str(delivery.id)] = key, delivery.state
    faults = [
        f"mail {key} is {told} in the ledger"
        for key, (carrier, told) in state.items()
        if told != ("failed" if carrier in post.for_good else "accepted")
    ]
    every = set()
    for alert, firm in session.execute(select(Alert.id, Alert.firm_id)):
        keys = mails.get(alert, [])
        every.update(keys)
        if len(keys) != 1:
            faults.append(f"alert {alert} stands in {len(keys)} mails")
            continue
        taken = post.taken.get(keys[0], [])
        if keys[0] in post.for_good and not taken:
            continue
        if {receiver for receiver, _ in taken} != {f"{refs[firm].lower()}@firms.example.com"}:
            faults.append(
                f"mail {keys[0]} of {refs[firm]} was taken for {[receiver for receiver, _ in taken]}"
            )
        if len({digest for _, digest in taken}) > 1:
            faults.append(f"mail {keys[0]} was sent with two texts")
    faults += [f"a mail that tells nothing: {key}" for key in post.taken if key not in every]
    return faults
