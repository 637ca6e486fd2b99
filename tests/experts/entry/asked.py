"""A request of somebody without an account, told through the services themselves."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from core.actor import Actor
from experts.consultation_models import Consultation
from experts.entry import asking, claiming
from experts.entry.models import EntryRequest
from experts.entry.questions import PAGES
from house import House

TOLD = {
    "region": "US",
    "venue": "v.us.ilnd",
    "known_on": "2026-03-02",
    "event": "tro_issued",
    "limit_on": "",
    "opponents": "Acme Optics Inc.\nGreyhound & Vale LLP",
    "docket_number": "1:26-cv-01234",
    "story": "店铺被冻结，平台转来一份限制令。",
    "question": "怎样解冻？",
    "firm_name": "海岚无人机科技股份有限公司",
    "contact_name": "李工",
    "contact_phone": "13800001234",
    "contact_email": "",
}


class Asked:
    """One request and what its asker does with it."""

    def __init__(self, house: House, scenario: str = "tro") -> None:
        self.house = house
        with house.database.write() as session:
            row, self.code = asking.begin(
                session, house.clock, house.vault, scenario, language="zh", notice=True
            )
            self.id, self.actor = row.id, asking.asker_of(row)

    def tell(self, page: str, typed: Mapping[str, str], seen: str | None = None) -> dict[str, str]:
        """Send the form of a page as it is shown now, or as it was shown before (``seen``)."""
        with self.house.database.write() as session:
            mark = asking.seen_mark(self.answers(), page) if seen is None else seen
            opened = asking.save(
                session,
                self.house.clock,
                self.actor,
                self.house.vault,
                self.id,
                page,
                typed,
                seen=mark,
            )
            return dict(opened.answers)

    def tell_all(self, **changes: str) -> Asked:
        """Answer every question."""
        told = {**TOLD, **changes}
        for page, names in PAGES.items():
            if names:
                self.tell(page, {name: told[name] for name in names})
        return self

    def add(self, name: str, content: bytes) -> uuid.UUID:
        """Add a file."""
        with self.house.database.write() as session:
            file = asking.add_file(
                session, self.house.clock, self.actor, self.house.vault, self.id, name, content
            )
            return file.id

    def remove(self, file_id: uuid.UUID) -> None:
        """Take a file out."""
        with self.house.database.write() as session:
            asking.remove_file(session, self.house.clock, self.actor, self.house.vault, self.id, file_id)

    def send(self, *, truth: bool = True, contact: bool = True, expert: bool = True) -> Asked:
        """Send it to the centre."""
        with self.house.database.write() as session:
            asking.send(
                session,
                self.house.clock,
                self.actor,
                self.house.vault,
                self.id,
                truth=truth,
                contact=contact,
                expert=expert,
            )
        return self

    def claim(self, actor: Actor) -> Consultation:
        """Take it over by its code."""
        with self.house.database.write() as session:
            return claiming.claim(session, self.house.clock, actor, self.house.vault, self.code)

    @property
    def now(self) -> EntryRequest:
        """The row as it stands."""
        with self.house.database.read() as session:
            return session.get_one(EntryRequest, self.id)

    def answers(self) -> dict[str, str]:
        """What was told so far."""
        return asking.answers_of(self.house.vault, self.now)
