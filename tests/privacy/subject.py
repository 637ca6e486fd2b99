"""A person of firm alpha whose name, number and address stand wherever people write, and a store searched for them."""

from __future__ import annotations

import json
import uuid
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import text

from accounts.models import AccountRole, User
from core import audit
from core.actor import Actor, Role
from core.db import new_id
from experts import aftercare, casework, consenting, consultations, messages, opinions
from experts.attachments import add_file
from experts.consents import Purpose
from experts.consultation_models import Consultation
from experts.onward import escalations
from experts.onward.kinds import SECRECY_CHECKS
from experts.onward.models import Escalation
from experts.promises import report
from experts.spread import experts_spread
from house import House, seal_audit
from notify.models import ChannelPreference
from privacy.tables import TABLES
from tests.experts.matter import AGREED, ANSWERS, TEXTS, Matter
from tests.factories import bring_firms, firm_id, keeper, raw_case, record
from warning.desk_models import DeskNote, DeskTask

NAME, SHORT, PHONE, MAIL = "欧阳若琳", "欧工", "13976540021", "ruolin.ouyang@invented.example.org"
#: as people write them: with spaces and marks between
WRITTEN = (NAME, "欧阳 若琳", PHONE, "139-7654-0021", "+86 139 7654 0021", MAIL, MAIL.upper())
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def account(house: House, email: str, *roles: Role, **belongs: Any) -> Actor:
    """An account, and the actor it is."""
    centre = keeper(house).centre_id
    with house.database.write() as session:
        user = User(
            id=new_id(), email=email, password="-", fs_uniquifier=uuid.uuid4().hex, centre_id=centre,
            created_at=house.clock.now(), roles=[AccountRole(name=role.value) for role in roles], **belongs,
        )  # fmt: skip
        session.add(user)
    return Actor(f"user:{user.id}", frozenset(roles), centre_id=centre, user_id=user.id, **belongs)


class Subject:
    """The person, a closed consultation full of them, a draft, and what others wrote of them."""

    def __init__(self, house: House) -> None:
        self.house = house
        bring_firms(house)
        firm = firm_id(house, "alpha")
        self.actor = account(house, MAIL, Role.FIRM_MEMBER, firm_id=firm)
        self.colleague = account(house, "colleague@example.org", Role.FIRM_MEMBER, firm_id=firm)
        self.staff = account(house, "officer@example.org", Role.STAFF)
        self.second = account(house, "second@example.org", Role.STAFF, Role.SIGNER)
        people = self._people()
        self.matter = Matter(house, people, self.expert_id)
        self.said = " / ".join(WRITTEN)
        self._live()

    def _people(self) -> dict[str, Actor]:
        from tests.experts.matter import add_expert, expert_actor

        self.expert_id = add_expert(self.house, "one")
        return {"firm": self.actor, "staff": self.staff, "expert": expert_actor(self.house, self.expert_id)}

    def _live(self) -> None:
        matter, house = self.matter, self.house
        told = {
            **ANSWERS, "contact_name": NAME, "contact_phone": PHONE, "contact_email": MAIL,
            "story": f"起诉状寄给了{self.said}", "question": f"请回电 {PHONE}",
        }  # fmt: skip
        matter.on(consultations.save_draft, "firm", told)
        # Known by a short name too, since one of theirs says so.
        self.draft = matter.do(consultations.begin_draft, "firm", {**told, "contact_name": SHORT}).id
        with house.database.write() as session:
            for where, name in ((matter.id, f"{NAME}的授权书.pdf"), (self.draft, f"{PHONE}.pdf")):
                add_file(session, house.clock, self.actor, house.vault, where, name, PDF)
            sealed = house.vault.seal(self.centre, self.id, PHONE.encode())
            session.add(
                ChannelPreference(
                    account_id=self.id, channel="sms", is_on=True, sealed=sealed, shown="139****0021",
                    consent="sms-1", updated_at=house.clock.now(),
                )
            )  # fmt: skip
        matter.on(consultations.submit, "firm", **AGREED)
        for who, words in (("firm", f"我是{self.said}"), ("staff", f"{SHORT}您好，已致电{self.said}")):
            matter.do(messages.post_message, who, matter.id, words)
        matter.to("assigned")
        matter.on(casework.recall, "staff", note=f"应{NAME}要求更换")
        matter.to("guiding")
        matter.on(aftercare.ask_firm, "expert", note=f"请{SHORT}补充")
        matter.on(aftercare.answer_firm, "firm", note=f"{NAME}答复")
        matter.write(**{"facts": f"据{NAME}（{PHONE}）介绍，{TEXTS['facts']}"})
        matter.do(opinions.send_opinion, "expert", matter.id, seen_version=matter.opinion_version())
        matter.to("opinion_issued")
        matter.on(casework.close, "firm", satisfaction=4, words=f"谢谢，{NAME}")
        self.outside = add_outside_words(house, self.said)
        self._report()
        case = str(record(house, raw_case()).case_id)
        with house.database.write() as session:
            task = DeskTask(
                centre_id=self.centre, kind="call", key=f"call:{self.id}", firm_id=self.actor.firm_id, level="L2",
                case_id=uuid.UUID(case), due_at=house.clock.now(), created_at=house.clock.now(),
            )  # fmt: skip
            session.add(task)
            session.flush()
            session.add(
                DeskNote(
                    task_id=task.id, act="call", words=f"{SHORT}接听，{PHONE}", noted_by=self.staff.name,
                    noted_at=house.clock.now(),
                )
            )  # fmt: skip

    def _report(self) -> None:
        """A signed report in which staff named the person against the rule."""
        self.do(consenting.decide, self.actor, self.matter.id, Purpose.UPWARD, given=True)
        made = self.do(escalations.begin_from_consultation, self.staff, self.matter.id).id
        texts = {"facts": f"联系人{NAME}", "impact": "无", "measures": "无", "asked": "无"}

        def seen() -> int:
            with self.house.database.read() as session:
                return session.get_one(Escalation, made).version

        self.do(
            escalations.write_report, self.staff, made, texts, kind="major", secrecy="internal", files=[],
            seen_version=seen(),
        )  # fmt: skip
        self.do(escalations.take, self.staff, made, "hand_in", seen_version=seen())
        checked = list(SECRECY_CHECKS)
        self.do(escalations.take, self.second, made, "pass_check", checked=checked, seen_version=seen())
        vault, nowhere = self.house.vault, Path("no-such-folder")
        self.do(escalations.sign, self.second, vault, made, own=nowhere, seen_version=seen())

    @property
    def id(self) -> uuid.UUID:
        assert self.actor.user_id is not None
        return self.actor.user_id

    @property
    def centre(self) -> uuid.UUID:
        assert self.actor.centre_id is not None
        return self.actor.centre_id

    def do(self, service: Any, who: Actor, *args: Any, **named: Any) -> Any:
        """Call a service as somebody, in a transaction of its own."""
        with self.house.database.write() as session:
            return service(session, self.house.clock, who, *args, **named)


def add_outside_words(house: House, said: str) -> uuid.UUID:
    """Somebody else's consultation in which staff wrote of the person by mistake."""
    from tests.factories import member

    other = Matter(house, {"firm": member(house, "beta"), "staff": keeper(house)})
    other.on(consultations.submit, "firm", **AGREED)
    other.do(messages.post_message, "firm", other.id, f"误发：{said}；欧工是我们自己的人")
    return other.id


def traces(house: House, *wanted: str) -> list[str]:
    """Where any of ``wanted`` stands: in any column of any table, or in any file of the house's folder."""
    out = []
    with house.database.read() as session:
        for name in TABLES:
            for row in session.execute(text(f'SELECT * FROM "{name}"')).mappings():  # noqa: S608 - our own names
                shown = json.dumps({k: _plain(v) for k, v in row.items()}, ensure_ascii=False).lower()
                out += [f"{name}: {word}" for word in wanted if word.lower() in shown]
    for file in Path(house.settings.home).rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            out += [f"{file}: {word}" for word in wanted if word.encode() in content]
    return out


def _plain(value: Any) -> str:
    if isinstance(value, str) and value[:1] in '[{"':
        try:
            return json.dumps(json.loads(value), ensure_ascii=False)
        except ValueError:
            return value
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return value.decode("utf-8", "replace") if isinstance(value, bytes | memoryview) else str(value)


def figures(house: House, actor: Actor) -> dict[str, Any]:
    """The figures that a purge must not change."""
    from sqlalchemy import func, select

    with house.database.read() as session:
        states = session.execute(
            select(Consultation.state, func.count())
            .where(Consultation.state != "draft")
            .group_by(Consultation.state)
        )
        year = {"since": date(2026, 1, 1), "until": date(2026, 12, 31)}
        lines, counts = report(session, house.clock, actor, **year)
        marks = session.execute(select(func.count(), func.avg(Consultation.satisfaction))).one()
        return {
            "states": dict(sorted((state, count) for state, count in states)),
            "marks": marks[1],
            "promises": ([(line.consultation.id, line.kept) for line in lines], counts),
            "spread": experts_spread(session, house.clock, actor),
        }


def verified(house: House) -> audit.AuditReport:
    """The audit's chain, sealed and computed anew."""
    seal_audit(house)
    with house.database.read() as session:
        return audit.verify(session)
