"""What the lives of consultations are held to: who sees the matter, reads which message and which opinion beside, told
from what was done alone. It shares no code with the services' checks."""

from __future__ import annotations

from dataclasses import dataclass, field

EXPERTS = ("expert", "second", "third")


@dataclass
class Row:
    """An opinion beside, as it was brought about."""

    who: str
    state: str = "waiting"
    handed: bool = False

    @property
    def lives(self) -> bool:
        return self.state in ("waiting", "declared", "handed_in", "opened")


@dataclass
class Sent:
    """A message: its writer, and whom it was sent to besides the centre ("firm", "lead", an expert beside)."""

    number: int
    by: str
    to: frozenset[str]


@dataclass
class Told:
    """What is known of a life."""

    is_sent: bool = False
    holder: str | None = None
    has_declared: bool = False
    reviewer: str | None = None
    rows: list[Row] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)

    def row(self, who: str) -> Row | None:
        """The row somebody has now."""
        return next((row for row in self.rows if row.who == who and row.lives), None)

    def did(self, act: str, who: str) -> None:
        """What an act that was allowed brings about."""
        if act == "submit":
            self.is_sent = True
        elif act.startswith("assign_"):
            self.holder, self.has_declared = act.removeprefix("assign_"), False
        elif act == "declare":
            self.has_declared = True
        elif act in ("decline", "recall"):
            self.holder = None
        elif act in ("terminate", "reopen", "withdraw", "consent"):
            self.holder = None
            for row in self.rows:
                row.state = "ended" if row.lives else row.state
        elif act == "pass_opinion":
            self.reviewer = who
        elif act.startswith("beside_ask_"):
            self.rows.append(Row(act.removeprefix("beside_ask_")))
        elif act.startswith("beside_"):
            self._beside(act.removeprefix("beside_"), who)

    def _beside(self, act: str, who: str) -> None:
        if act == "open":
            for row in self.rows:
                if row.state in ("waiting", "declared"):
                    row.state = "ended"
        else:
            act, _, whose = act.partition("_of_")
            row = self.row(whose or who)
            assert row is not None
            row.state = {"declare": "declared", "decline": "declined", "hand": "handed_in", "back": "ended"}[
                act
            ]
            row.handed = row.handed or act == "hand"
        if not any(row.state in ("waiting", "declared") for row in self.rows) and act != "declare":
            for row in self.rows:
                row.state = "opened" if row.state == "handed_in" else row.state

    def sees(self) -> set[str]:
        """Who may know of the matter."""
        beside = {row.who for row in self.rows if row.lives}
        staff = {"staff", "signer"} if self.is_sent else set()
        return {"firm", *staff, *beside, *({self.holder} if self.holder else ())}

    def opens(self, who: str) -> bool:
        """Whether somebody who knows of the matter may read in it."""
        if who == self.holder:
            return self.has_declared
        row = self.row(who)
        return row is not None and row.state != "waiting" if who in EXPERTS else who in self.sees()

    def may_write_to(self, who: str) -> set[str]:
        """Whom somebody may choose as readers."""
        lead = {"lead"} if self.holder else set()
        beside = {row.who for row in self.rows if row.lives}
        opened = {row.who for row in self.rows if row.state == "opened"}
        if who in ("staff", "signer"):
            return {"firm"} | lead | beside
        if who == "firm":
            return lead | beside
        if who == self.holder:
            return {"firm"} | opened
        if who in opened:
            return {"firm"} | lead | (opened - {who})
        return {"firm"}

    def reads(self, who: str) -> set[int]:
        """Which messages somebody reads now."""
        if who not in self.sees() or not self.opens(who):
            return set()
        return {
            one.number
            for one in self.sent
            if who in ("staff", "signer")
            or one.by == who
            or who in one.to
            or (who == self.holder and "lead" in one.to)
        }

    def reads_beside(self, row: Row) -> set[str]:
        """Who reads an opinion beside now."""
        found = {row.who} if row.lives else set()
        if row.handed:
            found |= {"staff", "signer"}
        if row.state == "opened":
            found |= {other.who for other in self.rows if other.state == "opened"}
            if self.holder and self.has_declared:
                found.add(self.holder)
        return found & self.sees()
