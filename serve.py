"""Serving: the web server in the main thread, the scheduler beside it, an orderly end on SIGTERM or Ctrl-C."""

from __future__ import annotations

import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from types import FrameType
from typing import NoReturn

import structlog
import waitress
from rich.console import Console
from sqlalchemy import func, select

from accounts.service import seed_first_accounts
from app import create_app
from cases.models import Case
from core import lease, outbox
from core.errors import IndexNotReady, SeamarkError, StoreBusy
from house import House, upgrade
from jobs import Scheduler
from sample import follow_case, load_sample, sample_firm

log = structlog.get_logger(__name__)
console = Console(highlight=False)


def run(house: House, *, host: str | None, port: int | None, sample: bool) -> None:
    """Upgrade the store, load the sample into an empty one when asked, and serve until told to stop.

    Raises StoreBusy when another process serves the same embedded store.
    """
    settings = house.settings
    # Before anything is opened or started: a signal from here on ends in an orderly stop.
    _end_on_sigterm()
    upgrade(house)
    address, number = host or settings.host, settings.port if port is None else port
    holder = lease.holder_name()
    _hold_store(house, holder)
    scheduler: Scheduler | None = None
    stop_renewing = threading.Event()
    threading.Thread(target=_renew, args=(house, holder, stop_renewing), daemon=True).start()
    try:
        passwords = (
            prepare_sample(house)
            if sample
            else seed_first_accounts(house.database, house.clock, sample=False)
        )
        app = create_app(house)
        try:
            server = waitress.create_server(
                app, host=address, port=number, threads=settings.threads, ident=None
            )
        except OSError as error:
            raise SeamarkError(
                f"The address {address}:{number} cannot be used ({error.strerror}).",
                fix="Stop what uses it, or choose another with --port.",
            ) from error
        if settings.scheduler:
            scheduler = Scheduler(house)
            scheduler.start()
        console.print(f"\nSeamark 海标  [bold]http://{_shown(address)}:{server.effective_port}[/bold]\n")
        for name, password in passwords:
            console.print(f"  {name:<24} {password}")
        if passwords:
            console.print("\n  One-time passwords, shown once. Each is changed at the first sign-in.\n")
        sys.stdout.flush()
        server.run()
    except (KeyboardInterrupt, SystemExit):
        log.info("stopping")
    finally:
        stop_renewing.set()
        if scheduler is not None:
            scheduler.stop()
        lease.release(house.database, "serve", holder)


def run_scheduler(house: House) -> None:
    """Run the job table alone until told to stop."""
    _end_on_sigterm()
    scheduler = Scheduler(house)
    scheduler.start()
    console.print(
        "The scheduler leads." if scheduler.leads else "Another scheduler leads; this one stands by."
    )
    sys.stdout.flush()
    try:
        while True:
            time.sleep(3600)
    except (KeyboardInterrupt, SystemExit):
        log.info("stopping")
    finally:
        scheduler.stop()


def _hold_store(house: House, holder: str) -> None:
    if house.database.is_sqlite and not lease.acquire(house.database, house.clock, "serve", holder, 60):
        raise StoreBusy(
            f"Another Seamark serves the store in {house.settings.home}.",
            fix="Stop it first, or set SEAMARK_HOME to another folder for this one.",
        )


def _renew(house: House, holder: str, stop: threading.Event) -> None:
    while not stop.wait(20):
        try:
            lease.acquire(house.database, house.clock, "serve", holder, 60)
        except SeamarkError as error:
            log.warning("serve_lease_not_renewed", error=str(error))


def prepare_sample(house: House) -> list[tuple[str, str]]:
    """Load the sample, make the first accounts, and let them follow a case; returns the accounts' passwords."""
    is_loaded = _load_sample(house)
    with house.database.read() as session:
        firm = sample_firm(session)
    passwords = seed_first_accounts(
        house.database, house.clock, sample=True, firm_id=firm.id if firm else None
    )
    if is_loaded:
        try:
            follow_case(house)
        except SeamarkError as error:
            # The rest of the sample, and what people made of it, is worth serving all the same.
            log.error("sample_case_not_followed", error=str(error))
    return passwords


def _load_sample(house: House) -> bool:
    """Whether the sample stands; False in a store that has cases of its own."""
    with house.database.read() as session:
        count = session.scalar(select(func.count(Case.id))) or 0
        own = session.scalar(select(func.count(Case.id)).where(Case.is_sample.is_(False))) or 0
    if own:
        return False
    with console.status(
        "Loading the sample: facts of real public cases …" if not count else "Checking the sample …"
    ):
        report, tallies = load_sample(house)
        with suppress(IndexNotReady):
            # What an engine that is away must learn waits in the outbox.
            outbox.drain(house.database, house.subscriptions, house.clock)
    created = sum(tally.created for tally in tallies)
    if created:
        console.print(f"Sample loaded: {created} cases, {report.firms} firms.")
    return True


def _end_on_sigterm() -> None:
    def end(number: int, frame: FrameType | None) -> NoReturn:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, end)


def _shown(address: str) -> str:
    return socket.gethostname() if address in ("0.0.0.0", "::") else address
