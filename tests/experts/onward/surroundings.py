"""A consultation that was accepted, the people around it, and what leads on from it brought to any state by the services."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from accounts.models import AccountRole, User
from core.actor import Actor, Role, system_actor
from core.clock import FixedClock
from core.db import new_id
from experts import consenting
from experts.attachments import add_file
from experts.consents import Purpose
from experts.onward import abroad, escalations, joint, mediations, referrals, seats, walls
from experts.onward.kinds import KINDS, SECRECY_CHECKS
from experts.onward.mediation_models import Mediation
from experts.onward.models import Escalation, JointTask, Referral
from experts.onward.moving import get_affair
from experts.resources.directory import bring_seed
from experts.resources.models import Institution
from house import House
from tests.experts.matter import Matter

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
TEXTS = {
    "facts": "美国得州东区法院受理专利侵权诉讼。",
    "impact": "涉及无人机产业，出口额约两千万元。",
    "measures": "已指导企业聘请律师。",
    "asked": "请协调提供同类案件信息。",
}
CHECKED = list(SECRECY_CHECKS)
NOWHERE = Path("no-such-folder")
ROOMS = ("joint", "firm", "other", "neutral")


def at(house: House, day: date, hour: int = 12) -> None:
    """Move the house's clock to an hour of a day in China."""
    clock = house.clock
    assert isinstance(clock, FixedClock)
    then = datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo("Asia/Shanghai"))
    clock.advance(then - clock.now())


class Surroundings:
    """Everybody around one consultation of firm alpha; each method does one thing in a transaction of its own."""

    def __init__(self, house: House, matter: Matter | None = None) -> None:
        self.house = house
        self.matter = matter or Matter(house)
        with house.database.write() as session:
            self.file = add_file(
                session,
                house.clock,
                self.matter.actors["firm"],
                house.vault,
                self.matter.id,
                "起诉状.pdf",
                PDF,
            ).id
        self.matter.to("accepted")
        centre = self.matter.actors["staff"].centre_id
        assert centre is not None
        self.centre = centre
        self.actors: dict[str, Actor] = dict(self.matter.actors)
        for name, roles in (
            ("writer", [Role.STAFF]), ("checker", [Role.STAFF]), ("signer", [Role.STAFF, Role.SIGNER]),
            ("other_signer", [Role.STAFF, Role.SIGNER]), ("insider", [Role.STAFF]), ("outsider", [Role.STAFF]),
        ):  # fmt: skip
            self.actors[name] = self._account(name, roles)
        self.actors["expert"] = self._account("expert", [Role.EXPERT], self.matter.expert_id)
        with house.database.write() as session:
            bring_seed(session, house.clock, system_actor("test", centre), centre)
        self.tokens: dict[str, str] = {}

    def _account(self, name: str, roles: list[Role], expert_id: uuid.UUID | None = None) -> Actor:
        with self.house.database.write() as session:
            # Nobody signs in here: a password's hash would only cost time.
            user = User(
                id=new_id(), email=f"{name}@onward.example.org", password="-", fs_uniquifier=f"on-{name}",
                centre_id=self.centre, created_at=self.house.clock.now(), expert_id=expert_id,
                roles=[AccountRole(name=role.value) for role in roles],
            )  # fmt: skip
            session.add(user)
        return Actor(
            f"user:{user.id}", frozenset(roles), centre_id=self.centre, user_id=user.id, expert_id=expert_id
        )

    def who(self, name: str | Actor) -> Actor:
        """An actor by name; a seat by the name its token is kept under."""
        if isinstance(name, Actor):
            return name
        if name in self.tokens:
            with self.house.database.read() as session:
                return seats.seat_actor(seats.by_token(session, self.tokens[name]))
        return self.actors[name]

    def do(self, service: Callable[..., Any], who: str | Actor, /, *args: Any, **named: Any) -> Any:
        """Call a service as somebody."""
        with self.house.database.write() as session:
            return service(session, self.house.clock, self.who(who), *args, **named)

    def row(self, kind: type[Any], identity: uuid.UUID) -> Any:
        """A record as it is."""
        with self.house.database.read() as session:
            return get_affair(session, system_actor("test"), kind, identity)

    def on(
        self,
        kind: type[Any],
        identity: uuid.UUID,
        service: Callable[..., Any],
        who: str | Actor,
        /,
        *args: Any,
        **named: Any,
    ) -> Any:
        """Call a service on a record at the version it has now."""
        seen = self.row(kind, identity).version
        return self.do(service, who, *args, **{"seen_version": seen, **named})

    def institution(self, kind: str, n: int = 0) -> uuid.UUID:
        """An institution of the mainland that helps with a kind of referral."""
        with self.house.database.read() as session:
            query = select(Institution.id).where(
                Institution.kind.in_(KINDS[kind].institutions),
                Institution.region == "CN",
                Institution.centre_id == self.centre,
            )
            return session.scalars(query.order_by(Institution.ref)).all()[n]

    def agree_upward(self, is_given: bool = True) -> None:
        self.do(consenting.write_down, "firm", self.matter.id, Purpose.UPWARD, given=is_given)

    def read_caution(self, subject: str, identity: uuid.UUID, recipient: str, region: str) -> None:
        self.do(
            abroad.acknowledge, "writer", subject, identity, recipient=recipient, region=region,
            confirmed=list(abroad.POINTS), note="只含公开裁判文书。",
        )  # fmt: skip

    # reports upward

    def report(self, state: str = "prepared") -> uuid.UUID:
        """A report brought to a state."""
        made: Escalation = self.do(escalations.begin_from_consultation, "writer", self.matter.id)
        if state == "dropped":
            self.step_report(made.id, "drop", "writer", words="不再需要。")
            return made.id
        way = (
            "prepared", "secrecy_check", "approved", "signed", "sent", "acknowledged", "guidance_received",
            "fed_back", "closed",
        )  # fmt: skip
        for one in way[: way.index(state)]:
            self._report_on(made.id, one)
        return made.id

    def _report_on(self, report: uuid.UUID, state: str) -> None:
        if state == "prepared":
            self.write_report(report)
            self.agree_upward()
            self.step_report(report, "hand_in", "writer")
        elif state == "secrecy_check":
            self.step_report(report, "pass_check", "checker", checked=CHECKED)
        elif state == "approved":
            self.sign(report)
        elif state == "signed":
            self.step_report(report, "record_sending", "writer", channel="机要")
        else:
            name, words = {
                "sent": ("record_receipt", "回执 2026-3"),
                "acknowledged": ("record_guidance", "建议联合应诉。"),
                "guidance_received": ("feed_back", "已告知企业。"),
                "fed_back": ("close", ""),
            }[state]
            self.step_report(report, name, "writer", words=words)

    def write_report(self, report: uuid.UUID, who: str = "writer", **texts: str) -> None:
        self.on(
            Escalation, report, escalations.write_report, who, report, {**TEXTS, **texts}, kind="major",
            secrecy="internal", files=[str(self.file)],
        )  # fmt: skip

    def step_report(self, report: uuid.UUID, step: str, who: str | Actor, **named: Any) -> Any:
        return self.on(Escalation, report, escalations.take, who, report, step, **named)

    def sign(self, report: uuid.UUID, who: str | Actor = "signer") -> Any:
        return self.on(
            Escalation, report, escalations.sign, who, self.house.vault, report, own=NOWHERE
        )  # fmt: skip

    # joint tasks

    def task(self, state: str = "draft", departments: tuple[str, ...] = ("市商务局", "海关")) -> uuid.UUID:
        """A joint task brought to a state."""
        made: JointTask = self.do(joint.begin_task, "writer", self.matter.id)
        if state == "draft":
            return made.id
        if state == "cancelled":
            self.on(JointTask, made.id, joint.take, "writer", made.id, "cancel", words="不再需要。")
            return made.id
        self.on(
            JointTask, made.id, joint.write_task, "writer", made.id, title="商请协助", question="请提供出口数据。",
            departments=[(name, 5) for name in departments],
        )  # fmt: skip
        self.tokens |= self.on(JointTask, made.id, joint.ask, "writer", made.id)
        if state != "asked":
            for name in departments:
                self.do(joint.reply, name, made.id, text=f"{name}：已办理。")
        if state == "concluded":
            self.on(JointTask, made.id, joint.take, "writer", made.id, "conclude", words="按各部门意见办理。")
        return made.id

    # referrals

    def referral(self, state: str = "requested", kind: str = "mediation") -> uuid.UUID:
        """A referral brought to a state."""
        told = dict.fromkeys(KINDS[kind].asks, "专利许可费。")
        made: Referral = self.do(referrals.begin_referral, "firm", self.matter.id, kind, told)
        way = ("requested", "prepared", "firm_asked", "agreed", "sent", "taken", "done", "closed")
        aside = {
            "declined": ("requested", lambda: self.step_referral(made.id, "decline", "writer", words="不属于范围。")),
            "withdrawn": ("requested", lambda: self.step_referral(made.id, "withdraw", "firm")),
            "not_taken": ("sent", lambda: self.answer_all(made.id, is_taken=False)),
        }  # fmt: skip
        goal = aside[state][0] if state in aside else state
        for one in way[: way.index(goal)]:
            self._referral_on(made.id, one, told)
        if state in aside:
            aside[state][1]()
        return made.id

    def _referral_on(self, referral: uuid.UUID, state: str, told: dict[str, str]) -> None:
        if state == "requested":
            self.step_referral(referral, "prepare", "writer")
        elif state == "prepared":
            self.write_referral(referral, told)
            self.step_referral(referral, "propose", "writer")
        elif state == "firm_asked":
            self.step_referral(referral, "agree", "firm")
        elif state == "agreed":
            self.step_referral(referral, "send", "writer")
        elif state == "sent":
            self.answer_all(referral, is_taken=True)
        elif state == "taken":
            self.step_referral(referral, "record_outcome", "writer", outcome="helped", words="已出具方案。")
        else:
            self.step_referral(referral, "close", "writer")

    def write_referral(self, referral: uuid.UUID, told: dict[str, str], **named: Any) -> None:
        row = self.row(Referral, referral)
        kind = KINDS[row.kind]
        chosen = [self.institution(row.kind, n) for n in range(kind.least)]
        values = {"passes": ["firm", "forum"], "files": [str(self.file)], "institutions": chosen, **named}
        self.on(Referral, referral, referrals.write_referral, "writer", referral, told, **values)

    def step_referral(self, referral: uuid.UUID, step: str, who: str | Actor, **named: Any) -> Any:
        return self.on(Referral, referral, referrals.take, who, referral, step, **named)

    def answer_all(self, referral: uuid.UUID, *, is_taken: bool) -> None:
        for one in self.row(Referral, referral).recipients:
            if self.row(Referral, referral).state == "sent" and not one.answer:
                self.on(Referral, referral, referrals.answer, "writer", referral, one.id, is_taken=is_taken)

    # mediations

    def mediation(self, state: str = "opened") -> uuid.UUID:
        """A mediation brought to a state; its seats are kept under "other" and "neutral"."""
        referral = self.referral("taken")
        with self.house.database.read() as session:
            made = session.scalars(select(Mediation.id).where(Mediation.referral_id == referral)).one()
        way = ("opened", "other_asked", "agreed", "proposed", "declared", "in_session")
        ends: dict[str, Callable[[], Any]] = {
            "settled": lambda: self.step_mediation(made, "settle", "neutral", words="许可费减半。"),
            "awarded": lambda: self.step_mediation(made, "award", "neutral", words="驳回请求。"),
            "failed": lambda: self.step_mediation(made, "fail", "neutral", words="未能一致。"),
        }
        goal = state if state in way else "other_asked" if state == "refused" else "in_session"
        if state == "withdrawn":
            goal = "opened"
        for one in way[: way.index(goal)]:
            self._mediation_on(made, one)
        if state == "refused":
            self.step_mediation(made, "refuse", "other", words="不同意。")
        elif state == "withdrawn":
            self.step_mediation(made, "withdraw", "firm")
        elif state in ends:
            ends[state]()
        elif state in ("confirming", "confirmed", "closed"):
            ends["settled"]()
            self.step_mediation(made, "ask_court", "writer", words="已向法院申请司法确认。")
            if state != "confirming":
                self.step_mediation(made, "record_court", "writer", words="裁定书已收到。")
            if state == "closed":
                self.step_mediation(made, "close", "writer")
        return made

    def _mediation_on(self, mediation: uuid.UUID, state: str) -> None:
        if state == "opened":
            self.ask_other(mediation)
        elif state == "other_asked":
            self.step_mediation(mediation, "consent", "other")
        elif state == "agreed":
            self.propose(mediation, "neutral")
        elif state == "proposed":
            self.declare(mediation, "neutral")
        elif state == "declared":
            until = max(one.challenge_until for one in self.row(Mediation, mediation).neutrals)
            at(self.house, date.fromordinal(until.toordinal() + 1))
            self.step_mediation(mediation, "begin", "writer")

    def ask_other(self, mediation: uuid.UUID, region: str = "US", read: bool = True) -> None:
        if read:
            self.read_caution("mediation", mediation, "Acme Optics Inc.", region)
        _, self.tokens["other"] = self.on(
            Mediation, mediation, mediations.ask_other, "writer", mediation, name="Acme Optics Inc.", region=region
        )  # fmt: skip

    def propose(self, mediation: uuid.UUID, key: str, region: str = "CN") -> None:
        _, self.tokens[key] = self.on(
            Mediation, mediation, mediations.propose, "writer", mediation, name=f"调解员{key}", institution="某调解中心",
            region=region,
        )  # fmt: skip

    def declare(self, mediation: uuid.UUID, key: str, *, is_free: bool = True) -> None:
        self.on(
            Mediation, mediation, mediations.declare, key, mediation, is_free=is_free, disclosed="曾任教于同校。"
        )  # fmt: skip

    def step_mediation(self, mediation: uuid.UUID, step: str, who: str | Actor, **named: Any) -> Any:
        return self.on(Mediation, mediation, mediations.take, who, self.house.vault, mediation, step, **named)

    def say(self, mediation: uuid.UUID, who: str | Actor, room: str, text: str) -> Any:
        return self.do(walls.say, who, self.house.vault, mediation, room, text)

    def hear(self, mediation: uuid.UUID, who: str | Actor) -> list[str]:
        """What somebody reads of what was said."""
        return [one.text for one in self.do(walls.hear, who, self.house.vault, mediation)[2]]
