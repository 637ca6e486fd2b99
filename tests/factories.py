"""Making things for tests through the services themselves: cases as a source tells them, firms as a file brings them."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from sqlalchemy import select

from cases.facts import RawCase, RawEvent, RawParty
from cases.record import Origin, Recorded, record_case
from core import outbox
from core.actor import Actor, Role, system_actor
from core.centres import first_centre, seed_centre
from enterprises.importing import ImportReport, import_firms
from enterprises.models import Firm
from house import House

DEFENDANT = "Hailan Drone Technology Co., Ltd."
FIRMS = """firm,name,kind
alpha,海岚无人机科技股份有限公司,legal_zh
alpha,Hailan Drone Technology Co. Ltd.,legal_en
beta,北泽照明股份有限公司,legal_zh
beta,Beize Lighting Co. Ltd.,legal_en
"""


def raw_case(docket_number: str = "2:26-cv-00011", **facts: Any) -> RawCase:
    """One docket of the Eastern District of Texas, as a docket page tells it."""
    told: dict[str, Any] = {
        "source": "us_pacer_docket",
        "venue": "v.us.txed",
        "docket_number": docket_number,
        "caption": "Acme Optics v. Hailan Drone",
        "filed_on": date(2026, 2, 2),
        "text": "Complaint for patent infringement.",
        "url": "https://example.org/docket",
        "parties": (RawParty("Acme Optics Inc.", "plaintiff"), RawParty(DEFENDANT, "defendant")),
        "events": (RawEvent(date(2026, 2, 2), "COMPLAINT", "COMPLAINT against the defendant"),),
        **facts,
    }
    return RawCase(**told)


def origin(house: House, *, authority: int = 10, source: str = "us_pacer_rss", **facts: Any) -> Origin:
    """A snapshot of ``source``; each call stands for other bytes unless ``sha256`` is told."""
    told: dict[str, Any] = {"sha256": uuid.uuid4().hex * 2, "url": "https://example.org/feed", **facts}
    return Origin(source=source, authority=authority, fetched_at=house.clock.now(), **told)


def record(house: House, raw: RawCase, told: Origin | None = None, *, is_ip: bool = True) -> Recorded:
    """Record ``raw`` in a transaction of its own."""
    with house.database.write() as session:
        return record_case(session, house.clock, raw, told or origin(house), is_ip=is_ip)


def bring_firms(house: House, text: str = FIRMS, actor: Actor | None = None) -> ImportReport:
    """Import firms from CSV text, for the first centre unless an actor is given."""
    return import_firms(house.database, house.clock, actor or keeper(house), "firms.csv", text.encode())


def keeper(house: House, slug: str | None = None) -> Actor:
    """The system, in the first centre or in one called ``slug``, which is made."""
    with house.database.write() as session:
        centre = seed_centre(session, slug=slug, zh=slug, en=slug) if slug else first_centre(session)
        return system_actor("test", centre.id)


def staff(house: House, slug: str | None = None) -> Actor:
    """A member of a centre's staff."""
    return Actor(f"user:staff-{slug}", frozenset({Role.STAFF}), centre_id=keeper(house, slug).centre_id)


def firm_id(house: House, ref: str) -> uuid.UUID:
    """The id of a firm by its key."""
    with house.database.read() as session:
        return session.scalars(select(Firm.id).where(Firm.ref == ref)).one()


def member(house: House, ref: str) -> Actor:
    """Somebody of a firm."""
    return Actor(
        f"user:{ref}",
        frozenset({Role.FIRM_MEMBER}),
        centre_id=keeper(house).centre_id,
        firm_id=firm_id(house, ref),
        user_id=uuid.uuid4(),
    )


def drain(house: House) -> None:
    """Let everything that happened reach everybody who wants to know."""
    outbox.drain(house.database, house.subscriptions, house.clock)
