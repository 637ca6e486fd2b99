"""The composition root: the only place that chooses implementations and tells rooms of each other's events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy.orm import Session

import privacy.tables  # noqa: F401 - the schema is whole without a page being loaded
from cases import documents
from cases.translating import Translator
from config import ROOT, Settings
from core import audit, centres, lease, migrate
from core.clock import Clock, SystemClock
from core.db import Database
from core.errors import IndexNotReady, StoreBusy
from core.evidence import EvidenceStore, evidence_store
from core.outbox import Consumer, Message, Subscriptions
from core.outward.clamav import ClamAV
from core.vault import Vault
from crawlers.fetch import HttpFetcher
from crawlers.run import Crawler
from crawlers.translator import LibreTranslator
from experts.appointing.telling import OF_EXPERTS, StandingNews, compose_applications, compose_standing
from experts.entry.telling import EntryNews, compose_calls, compose_entered
from experts.outside import OF_APPLICANTS, ApplicantNews, address_of, compose_outside
from experts.telling import (
    CONSULTATION,
    ConsultationNews,
    compose_assignments,
    compose_consultations,
    compose_follow_ups,
    compose_submissions,
    compose_written,
)
from notify.channels import Channel, InAppChannel, SmtpChannel, WebhookChannel
from notify.dispatch import Dispatcher
from notify.feed import FeedWriter
from notify.phones import code_composer
from notify.preferences import compose_test, secret_maker
from notify.rendering import Renderer
from notify.sending import ALERT, TEST, Mailroom
from notify.sms import SmsChannel
from notify.staff_robots import FailureNews, compose_failures
from notify.topics import (
    APPLIED,
    ASSIGNED,
    BULLETIN,
    CODE,
    CORRECTED,
    DESK_TASK,
    DESK_WRITTEN,
    ENTERED,
    FOLLOW_UP,
    OUTSIDE,
    STANDING,
    SUBMITTED,
    SURGE,
    SURGE_CORRECTED,
    UNDELIVERED,
    URGENT_CALL,
    WITHDRAWN,
    WRITTEN,
)
from search.elasticsearch import ElasticIndex
from search.embedded import TantivyIndex
from search.port import IndexReader, SearchIndex
from search.projector import Collection, Projector
from search.standby import GuardedIndex, StandbyIndex, build_missing
from warning.alerts import Watcher
from warning.bulletin_news import BulletinNews, compose_corrected, compose_withdrawn
from warning.bulletin_telling import compose_bulletins
from warning.desk_news import DeskNews, compose_tasks
from warning.following import Follower
from warning.rule_shelf import RuleShelf
from warning.screening import Screener
from warning.surge.counts import CaseCounter
from warning.surge.telling import SignalNews, compose_signals, compose_taken_back
from warning.telling import AlertNews, alert_composer
from warning.understand import Understanding
from warning.watch import Lookout

#: one builds an index at a time: a second would sweep away the generation the first is filling
REINDEX = "reindex"


@dataclass(frozen=True)
class House:
    """Everything that runs, wired: what a page, a command or a job asks for."""

    settings: Settings
    clock: Clock
    database: Database
    evidence: EvidenceStore
    index: IndexReader
    #: engine -> what writes it
    projectors: Mapping[str, Projector]
    subscriptions: Subscriptions
    mailroom: Mailroom
    vault: Vault
    translator: Translator | None
    understanding: Understanding
    shelf: RuleShelf

    def refresh(self) -> None:
        """Let this process read the vocabulary in force: asked before each page, job and command."""
        with self.database.read() as session:
            self.shelf.refresh(session)

    def dispatcher(self) -> Dispatcher:
        """Whoever sends the messages that are due."""
        settings = self.settings
        channels: dict[str, Channel] = {
            "app": InAppChannel(),
            "webhook": WebhookChannel(allowed=settings.webhook_allow, now=self.clock.now),
        }
        if settings.smtp_url:
            page = f"{settings.base_url}/notices"
            channels["email"] = SmtpChannel(settings.smtp_url, settings.mail_from, settings_page=page)
        if settings.sms_url:
            channels["sms"] = SmsChannel(settings.sms_url, settings.sms_fields, settings.sms_taken)
        return Dispatcher(
            self.database,
            self.clock,
            Renderer(ROOT, settings.base_url),
            channels,
            {
                ALERT: alert_composer(self.clock),
                CONSULTATION: compose_consultations,
                BULLETIN.kind: compose_bulletins,
                CORRECTED.kind: compose_corrected,
                WITHDRAWN.kind: compose_withdrawn,
                SURGE.kind: compose_signals,
                SURGE_CORRECTED.kind: compose_taken_back,
                DESK_TASK.kind: compose_tasks,
                UNDELIVERED.kind: compose_failures,
                ASSIGNED.kind: compose_assignments,
                SUBMITTED.kind: compose_submissions,
                ENTERED.kind: compose_entered,
                URGENT_CALL.kind: compose_calls,
                WRITTEN.kind: compose_written,
                DESK_WRITTEN.kind: compose_written,
                FOLLOW_UP.kind: compose_follow_ups,
                STANDING.kind: compose_standing,
                APPLIED.kind: compose_applications,
                OUTSIDE.kind: compose_outside,
                TEST: compose_test,
                CODE.kind: code_composer(settings.secret_key, self.clock),
            },
            secret_maker(settings.secret_key),
            self.vault,
            address_of,
        )

    def feed_writer(self) -> FeedWriter:
        """Whoever writes the private feeds of firms."""
        composers = {
            ALERT: alert_composer(self.clock),
            SURGE.kind: compose_signals,
            SURGE_CORRECTED.kind: compose_taken_back,
        }
        return FeedWriter(Renderer(ROOT, self.settings.base_url), composers)

    def crawler(self, *, is_sample: bool = False) -> Crawler:
        """A crawler that asks the live sites (or, by :meth:`Crawler.replay`, takes recordings)."""
        fetcher = HttpFetcher(
            self.clock,
            user_agent=f"Seamark/0.1 (+{self.settings.contact})",
            timeout_seconds=self.settings.fetch_timeout,
            allow_private=self.settings.fetch_allow,
        )
        return Crawler(
            self.database,
            self.clock,
            self.evidence,
            fetcher,
            is_sample=is_sample,
            mirror=self.settings.mirror,
        )

    @property
    def projector(self) -> Projector:
        """What writes the index that pages ask first."""
        return list(self.projectors.values())[-1]

    def close(self) -> None:
        """Give back connections."""
        for projector in self.projectors.values():
            if isinstance(projector.index, GuardedIndex):
                projector.index.close()
        self.database.dispose()


def build_house(settings: Settings, clock: Clock | None = None) -> House:
    """Wire everything for ``settings``. Opens no socket and changes nothing in the database."""
    clock = clock or SystemClock()
    subscriptions = Subscriptions()
    database = Database(settings.database_url, info={"subscriptions": subscriptions})
    embedded = TantivyIndex(settings.home / "index")
    index: IndexReader = embedded
    projectors = {"embedded": _projector(embedded)}
    if settings.elasticsearch_url:
        primary = GuardedIndex(ElasticIndex(settings.elasticsearch_url, makes_first=False))
        index = StandbyIndex(primary, embedded)
        projectors["elasticsearch"] = _projector(primary)
    shelf = RuleShelf()
    understanding = Understanding(shelf.current, clock)
    screener = Screener(clock)
    watcher = Watcher(clock)
    lookout = Lookout(clock)
    sets = {"email": settings.smtp_url, "sms": settings.sms_url}
    mailroom = Mailroom(clock, frozenset({"app", "webhook", *(name for name, url in sets.items() if url)}))
    case_told = frozenset({"case.recorded", "case.changed"})
    # Whoever reads a case by the vocabulary reads it by the one in force.
    subscriptions.before = shelf.refresh
    # Their order is the order of the flow: tags before screening before alerts before the index.
    subscriptions.add(Consumer("understand", case_told, understanding.tag_cases))
    subscriptions.add(Consumer("screen", case_told, screener.screen_cases))
    subscriptions.add(Consumer("screen-firms", frozenset({"firm.changed"}), screener.screen_firms, batch=50))
    subscriptions.add(Consumer("alert", frozenset({"party.matched", "case.confirmed"}), watcher.raise_alerts))
    watched = case_told | {"case.confirmed", "case.tagged"}
    subscriptions.add(Consumer("watch", watched, lookout.watch_cases))
    subscriptions.add(Consumer("count", watched, CaseCounter(clock).count_cases))
    follow = frozenset({"case.changed", "case.tagged", "alert.raised"})
    subscriptions.add(Consumer("follow", follow, Follower(clock).tell_changes))
    alert_news = AlertNews(mailroom, clock)
    subscriptions.add(Consumer("tell", frozenset({"alert.raised"}), alert_news.queue))
    news = ConsultationNews(mailroom)
    subscriptions.add(Consumer("tell-consultations", frozenset({"consultation.moved"}), news.queue))
    subscriptions.add(Consumer("tell-entries", frozenset({"entry.sent"}), EntryNews(mailroom).queue))
    stands = OF_EXPERTS | {"application.moved"}
    subscriptions.add(Consumer("tell-standing", stands, StandingNews(mailroom).queue))
    subscriptions.add(Consumer("tell-applicants", OF_APPLICANTS, ApplicantNews(mailroom).queue))
    ends = frozenset({"bulletin.published", "bulletin.withdrawn"})
    subscriptions.add(Consumer("tell-bulletins", ends, BulletinNews(mailroom, clock).queue))
    surges = frozenset({"signal.told", "signal.taken_back"})
    subscriptions.add(Consumer("tell-signals", surges, SignalNews(mailroom).queue))
    subscriptions.add(Consumer("tell-desk", frozenset({"task.made"}), DeskNews(mailroom).queue))
    failures = frozenset({"delivery.failed"})
    subscriptions.add(Consumer("tell-failures", failures, FailureNews(mailroom).queue))
    # Each engine has a consumer of its own: while one is away its rows wait, and the other's do not. The last one is
    # the one that may be away.
    for engine, projector in projectors.items():
        subscriptions.add(index_consumer(engine, projector))
    return House(
        settings,
        clock,
        database,
        evidence_store(settings.evidence_url),
        index,
        projectors,
        subscriptions,
        mailroom,
        Vault(
            settings.home / "vault",
            settings.centre_key,
            scan=ClamAV(settings.clamav) if settings.clamav else None,
        ),
        LibreTranslator(settings.translate_url, settings.translate_key) if settings.translate_url else None,
        understanding,
        shelf,
    )


def _projector(index: SearchIndex) -> Projector:
    cases = Collection(documents.COLLECTION, documents.load_documents, documents.case_ids)
    return Projector(index, {documents.COLLECTION: cases})


def index_consumer(engine: str, projector: Projector) -> Consumer:
    """The outbox consumer that writes one engine ("index" for the embedded one)."""

    def project(session: Session, messages: Sequence[Message]) -> None:
        projector.project(session, documents.COLLECTION, list(dict.fromkeys(m.key for m in messages)))

    name = "index" if engine == "embedded" else f"index-{engine}"
    return Consumer(name, frozenset({"case.recorded", "case.changed", "case.tagged"}), project, batch=1000)


def build_missing_indexes(house: House) -> list[str]:
    """Build every engine that has no index yet or did not keep up while it was switched off; returns which.

    Raises IndexNotReady when one is away, StoreBusy while another process builds.
    """
    with lease.held(house.database, house.clock, REINDEX):
        return [
            engine
            for engine, projector in house.projectors.items()
            if build_missing(projector, house.database.read, index_consumer(engine, projector))
        ]


def upgrade(house: House) -> None:
    """Bring the database to the newest schema and seed what every store has."""
    migrate.upgrade(house.settings.database_url, ROOT / "migrations")
    with house.database.write() as session:
        centre = centres.seed_centre(
            session, slug="main", zh="示范市知识产权保护中心", en="Model City IP Protection Centre"
        )
        _ = centre
    if house.settings.elasticsearch_url:
        # An engine switched on for a store that has cases answers for none of them until it is built; while it is away
        # the embedded one answers, and the job builds it later.
        with suppress(IndexNotReady, StoreBusy):
            build_missing_indexes(house)


def seal_audit(house: House) -> int:
    """Chain every unsealed audit row; returns how many."""
    total = 0
    while True:
        with house.database.write() as session:
            sealed = audit.seal(session)
        total += sealed
        if sealed == 0:
            return total
