"""The job table as data, and the scheduler that runs it. However many processes start one, one leads."""

from __future__ import annotations

import logging
import random
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import lease
from core.actor import system_actor
from core.centres import Centre
from core.errors import BadInput, SeamarkError
from core.jobs import bury_dead, run_job
from core.log import run_context
from core.outbox import drain
from crawlers.health import close_dead_runs, due_feeds
from crawlers.registry import all_sources
from crawlers.source import SourceStatus
from experts.agencies.duties import do_duties as do_agency_duties
from experts.appointing.duties import do_duties as do_expert_duties
from experts.attachments import sweep_vault
from experts.consultation_duties import do_duties as do_consultation_duties
from experts.resources.directory import bring_seed
from house import House, build_missing_indexes, seal_audit
from warning.bulletin_publishing import expire_bulletins
from warning.bulletin_schedule import draft_periodic
from warning.desk_work import work_desk
from warning.retag import continue_retag
from warning.surge.judging import judge_due

log = structlog.get_logger(__name__)

LEASE = "scheduler"
LEASE_SECONDS = 60


@dataclass(frozen=True)
class JobSpec:
    """One row of the table: what, how often, how long it may take."""

    name: str
    work: Callable[[House], object]
    every_seconds: int
    timeout_seconds: int
    zh: str
    en: str


def crawl_due(house: House) -> int:
    """Visit every feed whose next visit is due; returns how many were visited."""
    crawler = house.crawler()
    wanted = house.settings.sources
    visited = 0
    for source_id, source in all_sources().items():
        if source.SPEC.status is not SourceStatus.LIVE or (wanted and source_id not in wanted):
            continue
        with house.database.read() as session:
            courts = due_feeds(session, house.clock, source.SPEC)
        if house.settings.courts and source.SPEC.courts:
            courts = [court for court in courts if court in house.settings.courts]
        if courts:
            try:
                visited += len(crawler.crawl(source_id, tuple(courts)))
            except SeamarkError as error:
                log.warning("crawl_put_off", source=source_id, error=str(error))
    return visited


def deliver(house: House) -> object:
    """Process the outbox to empty."""
    return drain(house.database, house.subscriptions, house.clock)


def dispatch(house: House) -> object:
    """Send the messages that are due."""
    return house.dispatcher().run()


def tidy(house: House) -> int:
    """Mark jobs and visits whose process died, and remove bytes of files whose row is gone."""
    with house.database.write() as session:
        done = bury_dead(session, house.clock) + close_dead_runs(session, house.clock)
    with house.database.read() as session:
        return done + sweep_vault(session, house.vault)


def end_bulletins(house: House) -> int:
    """Mark bulletins whose last day has passed; returns how many."""
    with house.database.write() as session:
        return expire_bulletins(session, house.clock)


def desk(house: House) -> int:
    """Give new alerts their level and time to answer, and make the desk's tasks; returns how many were made."""
    with house.database.read() as session:
        centres = session.scalars(select(Centre.id).order_by(Centre.id)).all()
    made = 0
    for centre_id in centres:
        while True:
            with house.database.write() as session:
                report = work_desk(session, house.clock, centre_id)
            made += report.made
            if report.levelled == 0:
                break
    return made


def _in_each_centre(house: House, act: Callable[[Session, uuid.UUID], int]) -> int:
    """Do ``act`` for every centre, each in a transaction of its own; returns the sum of what it returned."""
    with house.database.read() as session:
        centres = session.scalars(select(Centre.id).order_by(Centre.id)).all()
    done = 0
    for centre_id in centres:
        with house.database.write() as session:
            done += act(session, centre_id)
    return done


def appointing(house: House) -> int:
    """What the calendar brings about in the expert library; returns how many things happened."""
    return _in_each_centre(house, lambda session, centre: do_expert_duties(session, house.clock, centre))


def agencies(house: House) -> int:
    """What the calendar brings about in the agency library; returns how many things happened."""
    return _in_each_centre(house, lambda session, centre: do_agency_duties(session, house.clock, centre))


def consultations(house: House) -> int:
    """What the calendar brings about in consultations; returns how many things happened."""
    return _in_each_centre(
        house, lambda session, centre: do_consultation_duties(session, house.clock, centre)
    )


def resources(house: House) -> int:
    """Bring what the resource directory's seed has and a centre has not; returns how many rows changed."""

    def bring(session: Session, centre_id: uuid.UUID) -> int:
        return bring_seed(session, house.clock, system_actor("job:resources", centre_id), centre_id)

    return _in_each_centre(house, bring)


def judge_weeks(house: House) -> int:
    """Judge the weeks whose time has come; returns how many signals were raised."""
    with house.database.write() as session:
        return judge_due(session, house.clock)


def retag(house: House) -> int:
    """Begin, or go on with, tagging every case anew where a rule was published; returns how many changed."""
    return continue_retag(house.database, house.clock, house.shelf, system_actor("job:retag"))


def draft_bulletins(house: House) -> int:
    """Draft the weekly and monthly bulletins that are missing; returns how many."""
    return draft_periodic(house.database, house.clock, house.index, house.evidence)


#: what a firm waits for between a feed's answer and its mail is asked for every two seconds; with nothing to do that is a
#: few look-ups by index
JOBS: tuple[JobSpec, ...] = (
    JobSpec("crawl", crawl_due, 300, 3600, "到期信息源采集", "Visit sources that are due"),
    JobSpec("deliver", deliver, 2, 600, "处理待办消息", "Process the outbox"),
    JobSpec("dispatch", dispatch, 2, 600, "发送消息", "Send messages"),
    JobSpec("desk", desk, 60, 600, "工作台任务", "Make the desk's tasks"),
    JobSpec("appointing", appointing, 3600, 600, "专家库期限", "Time limits of the expert library"),
    JobSpec("consultations", consultations, 600, 300, "咨询期限", "Time limits of consultations"),
    JobSpec("agencies", agencies, 3600, 600, "机构库期限", "Time limits of the agency library"),
    JobSpec("resources", resources, 86_400, 300, "公共资源目录", "Bring the resource directory"),
    JobSpec("seal-audit", seal_audit, 60, 300, "审计封链", "Seal the audit chain"),
    JobSpec("build-indexes", build_missing_indexes, 60, 3600, "补建检索索引", "Build missing search indexes"),
    JobSpec("retag-due", retag, 60, 3600, "规则发布后重新标注", "Tag cases anew after a rule was published"),
    JobSpec("tidy", tidy, 600, 300, "清理中断任务", "Mark dead jobs"),
    JobSpec(
        "draft-bulletins", draft_bulletins, 3600, 600, "起草周报月报", "Draft weekly and monthly bulletins"
    ),
    JobSpec("signals", judge_weeks, 3600, 1800, "异动研判", "Judge the weeks for surges"),
    JobSpec("end-bulletins", end_bulletins, 3600, 300, "公报到期", "End bulletins past their last day"),
)


def job_named(name: str) -> JobSpec:
    """The job called ``name``. Raises BadInput naming the known ones."""
    for spec in JOBS:
        if spec.name == name:
            return spec
    raise BadInput(
        f"There is no job called {name!r}.", fix=f"The jobs are {', '.join(s.name for s in JOBS)}."
    )


def run_now(house: House, spec: JobSpec) -> object:
    """Run one job at once, under its own lease so that two processes never run it together.

    Raises SeamarkError when another process is running it.
    """
    holder = lease.holder_name()
    name = f"job:{spec.name}"
    if not lease.acquire(house.database, house.clock, name, holder, spec.timeout_seconds):
        raise SeamarkError(
            f"The job {spec.name} is running in another process.", fix="Wait until it has finished."
        )
    try:
        with run_context(f"job-{spec.name}"):
            house.refresh()
            return spec.work(house)
    finally:
        lease.release(house.database, name, holder)


def run_visible(house: House, spec: JobSpec) -> object:
    """As :func:`run_now`, with a job row that pages show."""
    return run_job(
        house.database,
        house.clock,
        system_actor(f"job:{spec.name}"),
        spec.name,
        lambda handle: run_now(house, spec),
    )


def _is_worth_saying(record: logging.LogRecord) -> bool:
    # A job that is looked for every two seconds is often still at work when its turn comes again.
    return "maximum number of running instances" not in record.getMessage()


class Scheduler:
    """Runs the table in this process while it holds the lease; stands by while another does."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._holder = lease.holder_name()
        self._leads = threading.Event()
        self._scheduler = BackgroundScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 30}
        )

    @property
    def leads(self) -> bool:
        """Whether this process is the one that runs the table."""
        return self._leads.is_set()

    def start(self) -> None:
        """Begin; returns at once."""
        logging.getLogger("apscheduler.scheduler").addFilter(_is_worth_saying)
        self._seek()
        self._scheduler.add_job(self._seek, "interval", seconds=LEASE_SECONDS // 3, id="lease")
        for spec in JOBS:
            first = datetime.now(UTC) + timedelta(
                seconds=min(spec.every_seconds, 30) * random.uniform(0.1, 1)
            )
            self._scheduler.add_job(
                self._run,
                "interval",
                seconds=spec.every_seconds,
                id=spec.name,
                args=[spec],
                next_run_time=first,
            )
        self._scheduler.start()

    def stop(self) -> None:
        """Finish what runs, start nothing more, give the lease back."""
        self._scheduler.shutdown(wait=True)
        lease.release(self._house.database, LEASE, self._holder)
        self._leads.clear()

    def _seek(self) -> None:
        try:
            leads = lease.acquire(self._house.database, self._house.clock, LEASE, self._holder, LEASE_SECONDS)
        except SeamarkError as error:
            log.warning("lease_unknown", error=str(error))
            leads = False
        if leads != self.leads:
            log.info("scheduler_leads" if leads else "scheduler_stands_by", holder=self._holder)
        (self._leads.set if leads else self._leads.clear)()

    def _run(self, spec: JobSpec) -> None:
        if not self.leads:
            return
        try:
            run_now(self._house, spec)
        except SeamarkError as error:
            log.warning("job_put_off", job=spec.name, error=str(error))
        except Exception:
            # One failing job must not end the scheduler; the next run tries again.
            log.exception("job_failed", job=spec.name)
