"""A consultation with a leading expert and two who may write beside, and what this test knows of who reads what."""

from __future__ import annotations

from typing import Any

from core.errors import SeamarkError
from experts.beside import asking, writing
from experts.beside.models import Beside
from experts.consultation_models import Consultation
from house import House
from tests.experts.matter import Matter, add_expert, expert_actor, listed_experts


class Together(Matter):
    """A matter with ``expert`` leading, ``second`` and ``third`` to be asked beside."""

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self.third_id = add_expert(house, "three")
        self.actors["third"] = expert_actor(house, self.third_id)

    def ids(self, who: str) -> Any:
        return {"expert": self.expert_id, "second": self.second_id, "third": self.third_id}[who]

    def ask(self, who: str, **named: Any) -> Any:
        """Staff ask an expert to write beside."""
        return self.on(
            asking.ask_beside, "staff", self.ids(who), listed_experts, **{"note": "需要另一意见", **named}
        ).id

    def beside(self, who: str) -> Beside:
        """The newest row of an expert."""
        with self.house.database.read() as session:
            rows = session.get_one(Consultation, self.id).besides
            return [row for row in rows if row.expert_id == self.ids(who)][-1]

    def act(self, service: Any, who: str, whose: str, *args: Any, **named: Any) -> Any:
        """A service on the row of ``whose`` as ``who``, at its version."""
        row = self.beside(whose)
        return self.do(service, who, self.id, row.id, *args, **{"seen_version": row.version, **named})

    def declare(self, who: str) -> None:
        self.act(asking.declare_beside, who, who)

    def hand_in(self, who: str, text: str = "") -> None:
        self.act(writing.write_beside, who, who, text or f"{who} 的意见")
        self.act(writing.hand_in, who, who)

    def readers(self, whose: str) -> set[str]:
        """Who can read the opinion beside of ``whose``, tried one by one."""
        found = set()
        with self.house.database.read() as session:
            for who, actor in self.actors.items():
                try:
                    writing.read_beside(session, actor, self.id, self.beside(whose).id)
                except SeamarkError:
                    continue
                found.add(who)
        return found
