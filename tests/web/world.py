"""A small world for the pages: two firms, a second centre, cases in each state, and people who sign in by the form.

Everything is made through the services, delivered through the outbox and found through the index; nothing is faked.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from accounts.models import User
from accounts.service import create_user
from app import create_app
from cases.facts import RawCase, RawEvent, RawParty, RawRight
from cases.models import Case
from cases.query import review_case
from cases.record import Origin, record_case
from core import outbox
from core.actor import Actor, Role, system_actor
from core.centres import seed_centre
from core.clock import FixedClock
from core.jobs import Job, run_job
from enterprises.importing import import_firms
from enterprises.models import Firm
from enterprises.stations import make_station, set_station
from experts.appointing import standing
from experts.attachments import add_file
from experts.beside.asking import ask_beside, declare_beside
from experts.importing import import_agencies, import_experts
from experts.models import Agency, Expert
from house import House
from notify.models import MessageDelivery
from notify.robots import Shape
from notify.staff_robots import add_robot
from tests.experts.files import PDF
from tests.experts.matter import Matter, add_expert, listed_experts
from warning.criteria import Criteria
from warning.desk_models import DeskTask
from warning.desk_work import work_desk
from warning.models import Alert, PartyMatch
from warning.watch_profiles import create_profile

PASSWORD = "calm harbour lights 2026"
#: the roles of the table, in its order; ``other`` is staff of another centre
ROLES = ("visitor", "a", "b", "staff", "admin", "other")
FIRMS = """firm,name,kind,source,industry,is_local
alpha,海岚无人机科技股份有限公司,legal_zh,public register,ind.next_gen_ict,true
alpha,Hailan Drone Technology Co. Ltd.,legal_en,public register,,
beta,北泽照明股份有限公司,legal_zh,public register,,false
beta,Beize Lighting Co. Ltd.,legal_en,public register,,
"""
OTHER_FIRMS = """firm,name,kind
gamma,远泊精密仪器有限公司,legal_zh
gamma,Yuanbo Precision Instruments Co. Ltd.,legal_en
"""
#: names that only staff and the expert may read
SECRETS = ("Acme Optics Inc.", "Hidden Client GmbH", "Hidden Opponent KK", "Secret Chambers")
EXPERTS = """
{"id": "ea", "name": "示例专家·甲", "name_en": "Sample Expert A", "class": "ec.litigator", "verified": true, "languages": ["en", "zh"], "admissions": [{"region": "US", "qualification": "Texas bar"}], "industries": ["ind.next_gen_ict"], "dispute_types": ["dt.patent_infringement"], "cases": [{"venue": "v.us.txed", "dispute_type": "dt.patent_infringement", "on": "2025-03-04", "role": "lead", "client": "Hidden Client GmbH", "opponent": "Hidden Opponent KK"}], "employer": {"name": "Secret Chambers", "group": ""}, "bio": "Patent trials in Texas.", "is_sample": true}
{"id": "eb", "name": "示例专家·乙", "class": "ec.technical", "verified": true, "languages": ["en", "zh"], "clients": [{"name": "Acme Optics Inc.", "role": "client"}]}
{"id": "ec", "name": "示例专家·丙", "class": "ec.technical", "verified": false, "languages": ["en", "zh"]}
"""
AGENCIES = """
{"id": "aa", "name": "示例机构·东", "class": "ag.law_foreign", "verified": true, "offices": [{"region": "US"}], "languages": ["en", "zh"], "clients": [{"name": "Hidden Client GmbH", "role": "client"}], "url": "https://example.org/"}
"""
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Site:
    """The running pages and the ids of what stands in them."""

    house: House
    app: Flask
    centre: uuid.UUID
    other_centre: uuid.UUID
    ids: dict[str, str] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    _clients: dict[str, FlaskClient] = field(default_factory=dict)

    def visitor(self, language: str = "en") -> FlaskClient:
        """A browser of somebody nobody knows."""
        client = self.app.test_client()
        client.set_cookie("seamark_lang", language)
        return client

    def client(self, role: str) -> FlaskClient:
        """A browser that has signed in by the form, once a role."""
        if role not in self._clients:
            client = self.visitor()
            if role != "visitor":
                sign_in(client, address_of(role), self.passwords[role])
                change_password(client, self.passwords[role], PASSWORD)
                self.passwords[role] = PASSWORD
            self._clients[role] = client
        return self._clients[role]

    def drain(self) -> None:
        """Let everything that happened reach everybody who wants to know."""
        outbox.drain(self.house.database, self.house.subscriptions, self.house.clock)

    def actor(self, role: str) -> Actor:
        """The actor of a role, as services take it."""
        with self.house.database.read() as session:
            user = session.scalars(select(User).where(User.email == address_of(role))).one()
            return Actor(
                name=f"user:{user.id}",
                roles=frozenset(Role(row.name) for row in user.roles),
                centre_id=user.centre_id,
                firm_id=user.firm_id,
                expert_id=user.expert_id,
                user_id=user.id,
                station_id=user.station_id,
            )


def address_of(role: str) -> str:
    """What a role signs in with."""
    return f"{role}@example.org"


def token(client: FlaskClient, path: str = "/sign-in") -> str:
    """The CSRF token of a page's form."""
    page = client.get(path, follow_redirects=True).get_data(as_text=True)
    found = _TOKEN.search(page)
    assert found, f"{path} has no form with a token"
    return unescape(found.group(1))


def post(client: FlaskClient, path: str, data: dict[str, Any] | None = None, **extra: Any) -> TestResponse:
    """A form sent with its token."""
    # One's own account has a form for everybody who has signed in.
    values = {**(data or {}), "csrf_token": token(client, "/account")}
    return client.post(path, data=values, **extra)


def sign_in(client: FlaskClient, email: str, password: str, **extra: Any) -> TestResponse:
    """The sign-in form, filled in and sent."""
    data = {"email": email, "password": password, "csrf_token": token(client), **extra}
    return client.post("/sign-in", data=data)


def change_password(client: FlaskClient, old: str, new: str) -> TestResponse:
    """The form for a new password, filled in and sent."""
    return client.post(
        "/account/password",
        data={
            "password": old,
            "new_password": new,
            "new_password_confirm": new,
            "csrf_token": token(client, "/account/password"),
        },
    )


def record(site: Site, docket: str, caption: str, defendant: str, *, is_ip: bool, **facts: Any) -> str:
    """A case as a source tells it, with bytes in the evidence store; returns its id."""
    house = site.house
    content = f"<docket>{docket}</docket>".encode()
    raw = RawCase(
        **{
            "source": "us_pacer_docket",
            "venue": "v.us.txed",
            "docket_number": docket,
            "caption": caption,
            "filed_on": date(2026, 2, 2),
            "text": "Complaint for patent infringement of U.S. Patent No. 9,123,456 by unmanned aerial vehicles.",
            "url": "https://example.org/docket",
            "codes": {"nos": ("830",)},
            "rights": (RawRight("patent", "US9123456"),),
            "parties": (RawParty("Acme Optics Inc.", "plaintiff"), RawParty(defendant, "defendant")),
            "events": (RawEvent(date(2026, 2, 2), "COMPLAINT", "COMPLAINT against the defendant"),),
            **facts,
        }
    )
    origin = Origin(
        "us_pacer_docket", 30, house.evidence.put(content), "https://example.org/d", house.clock.now()
    )
    with house.database.write() as session:
        return str(record_case(session, house.clock, raw, origin, is_ip=is_ip).case_id)


def build(house: House) -> Site:
    """The world, made and delivered."""
    with house.database.write() as session:
        centre = session.scalars(select(_centre_column())).first()
        other = seed_centre(session, slug="other", zh="邻市知识产权保护中心", en="Next City IP Centre").id
    assert centre is not None
    site = Site(house, create_app(house), centre, other)
    staff, others = system_actor("test", centre), system_actor("test", other)
    import_firms(house.database, house.clock, staff, "firms.csv", FIRMS.encode())
    import_firms(house.database, house.clock, others, "firms.csv", OTHER_FIRMS.encode())
    for actor, suffix in ((staff, ""), (others, "o")):
        told = EXPERTS.replace('"id": "', f'"id": "{suffix}')
        import_experts(house.database, house.clock, actor, "experts.jsonl", told.encode())
    import_agencies(house.database, house.clock, staff, "agencies.jsonl", AGENCIES.encode())
    site.ids["case"] = record(
        site, "2:26-cv-00011", "Acme Optics v. Hailan Drone", "Hailan Drone Technology Co., Ltd.", is_ip=True
    )
    site.ids["case_b"] = record(
        site, "2:26-cv-00012", "Acme Optics v. Beize Lighting", "Beize Lighting Co., Ltd.", is_ip=True
    )
    site.ids["case_other"] = record(
        site, "2:26-cv-00013", "Acme v. Yuanbo", "Yuanbo Precision Instruments Co., Ltd.", is_ip=True
    )
    site.ids["candidate"] = record(
        site, "2:26-cv-00014", "Quiet Candidate v. Hailan", "Hailan Drone Technology Co., Ltd.", is_ip=False
    )
    site.ids["dismissed"] = record(site, "2:26-cv-00015", "Slip v. Fall Dismissed", "Floor LLC", is_ip=False)
    site.drain()
    reviewer = Actor("user:reviewer", frozenset({Role.STAFF}), centre_id=centre)
    with house.database.write() as session:
        seen = session.get_one(Case, uuid.UUID(site.ids["dismissed"])).version
        review_case(
            session, house.clock, reviewer, uuid.UUID(site.ids["dismissed"]), "dismiss", seen_version=seen
        )
    site.drain()
    _people(site)
    _jobs(site)
    _profiles(site)
    _bulletins(site)
    _remember(site)
    _tasks(site)
    _station(site)
    _robot(site)
    _consultations(site)
    _appointing(site)
    _entries(site)
    return site


def _centre_column() -> Any:
    from core.centres import Centre

    return Centre.id


def _people(site: Site) -> None:
    house = site.house
    with house.database.write() as session:
        firms = {firm.ref: firm.id for firm in session.scalars(select(Firm))}
        for role, roles, centre, firm in (
            ("a", [Role.FIRM_MEMBER], site.centre, firms["alpha"]),
            ("b", [Role.FIRM_MEMBER], site.centre, firms["beta"]),
            ("staff", [Role.STAFF], site.centre, None),
            ("admin", [Role.ADMIN], site.centre, None),
            ("other", [Role.STAFF], site.other_centre, None),
        ):
            user, password = create_user(
                session,
                house.clock,
                system_actor("test", centre),
                email=address_of(role),
                roles=roles,
                firm_id=firm,
            )
            site.ids[f"user_{role}"], site.passwords[role] = str(user.id), password


def _profiles(site: Site) -> None:
    for ref, role, word in (("alpha", "a", "rotor blade"), ("beta", "b", "dimmer")):
        with site.house.database.write() as session:
            made = create_profile(
                session, site.house.clock, site.actor(role), f"Secret of {ref}", Criteria(include=(word,))
            )
            site.ids[f"profile_{ref}"] = str(made.id)


def _station(site: Site) -> None:
    """A station that looks after firm beta, somebody of it, and one that looks after nobody."""
    house, staff = site.house, site.actor("staff")
    with house.database.write() as session:
        station = make_station(session, house.clock, staff, "高新区知识产权工作站")
        site.ids["station_idle"] = str(make_station(session, house.clock, staff, "保税区工作站").id)
        set_station(session, house.clock, staff, uuid.UUID(site.ids["firm_beta"]), station.id)
        user, password = create_user(
            session,
            house.clock,
            system_actor("test", site.centre),
            email=address_of("station"),
            roles=[Role.STATION],
            station_id=station.id,
        )
    site.ids["station"], site.ids["user_station"] = str(station.id), str(user.id)
    site.passwords["station"] = password


def _robot(site: Site) -> None:
    """A robot of the centre's own staff that hears of failures."""
    house = site.house
    with house.database.write() as session:
        url = "https://oapi.dingtalk.com/robot/send?access_token=world"
        admin = site.actor("admin")
        made = add_robot(session, house.clock, house.vault, admin, Shape.DINGTALK, url, "s", ["undelivered"])
    site.ids["robot"] = str(made.id)


def _consultations(site: Site) -> None:
    """Firm alpha's consultations in several states, and the account of the expert who has some of them."""
    house = site.house
    one = add_expert(house, "one", capacity=20)
    with house.database.write() as session:
        user, password = create_user(
            session,
            house.clock,
            system_actor("test", site.centre),
            email=address_of("expert"),
            roles=[Role.EXPERT],
            expert_id=one,
        )
    site.ids["user_expert"], site.passwords["expert"], site.ids["expert"] = str(user.id), password, str(one)
    firm_other = Actor(
        "user:gamma", frozenset({Role.FIRM_MEMBER}), site.other_centre, uuid.UUID(site.ids["firm_gamma"])
    )
    people = {"firm": site.actor("a"), "staff": site.actor("staff"), "expert": site.actor("expert")}
    for name, state in (
        ("matter_draft", "draft"),
        ("matter_discard", "draft"),
        ("matter_new", "submitted"),
        ("matter_accepted", "accepted"),
        ("matter_assigned", "assigned"),
        ("matter", "guiding"),
        ("matter_sent", "opinion_draft"),
        ("matter_issued", "opinion_issued"),
    ):
        made = Matter(house, people, one)
        file = made.do(add_file, "firm", house.vault, made.id, "letter.pdf", PDF)
        made.to(state)
        site.ids[name], site.ids[name.replace("matter", "file")] = str(made.id), str(file.id)
    beside = Matter(house, people, one).to("accepted")
    asked = beside.on(ask_beside, "staff", one, listed_experts)
    beside.do(declare_beside, "expert", beside.id, asked.id, seen_version=1)
    site.ids["matter_beside"], site.ids["beside"] = str(beside.id), str(asked.id)
    site.ids["matter_other"] = str(Matter(house, {"firm": firm_other}).to("submitted").id)
    site.drain()


def _entries(site: Site) -> None:
    """A request of somebody without an account that was sent, and a draft."""
    from tests.experts.entry.asked import Asked

    sent = Asked(site.house).tell_all()
    file = sent.add("letter.pdf", PDF)
    sent.send()
    site.ids["entry"], site.ids["entry_file"], site.ids["entry_code"] = str(sent.id), str(file), sent.code
    site.ids["entry_draft"] = str(Asked(site.house).id)


def _appointing(site: Site) -> None:
    """A call, and applications to the expert library in several states; one led to an appointment."""
    from tests.experts.appointing.affair import Affair, People, open_call

    people = People.of(site.house)
    call = open_call(people)
    site.ids["call"] = str(call)
    now = site.house.clock.now()
    for number, state in enumerate(
        ("appointed", "draft", "submitted", "qualification_check", "panel_review", "objection", "publicity")
    ):
        # The clock is moved where a publicity must end, and then set back, before another one stands in public.
        affair = Affair(people, call, name_zh=f"示例申请人{number}", id_last4=f"000{number}").to(state)
        site.ids[f"application_{state}"], site.ids[f"token_{state}"] = str(affair.id), affair.token
        files = affair.now.files
        site.ids[f"application_file_{state}"] = str(files[0].id) if files else ""
        if state == "objection":
            site.ids["objection"] = str(affair.now.objections[0].id)
        if state == "appointed":
            with site.house.database.read() as session:
                expert = affair.now.expert_id
                assert expert is not None
                certificate = standing.current_appointment(session, expert)
                assert certificate is not None
                site.ids["appointed"], site.ids["certificate"] = str(expert), certificate.code
            clock = site.house.clock
            assert isinstance(clock, FixedClock)
            clock.advance(now - clock.now())
    site.drain()


def _jobs(site: Site) -> None:
    for name, centre in (("job", site.centre), ("job_other", site.other_centre)):
        actor = Actor(f"user:{name}", frozenset({Role.STAFF}), centre_id=centre)
        run_job(site.house.database, site.house.clock, actor, "reindex", lambda handle: None)
        with site.house.database.read() as session:
            found = session.scalars(select(Job).where(Job.started_by == actor.name)).one()
            site.ids[name] = str(found.id)


def _bulletins(site: Site) -> None:
    """A draft and a published bulletin about the first case, and another centre's draft about it."""
    from tests.warning.bulletin_world import Desk, draft_survey

    for name, role, case in (
        ("bulletin_published", "staff", "case"),
        ("bulletin", "staff", "case"),
        ("bulletin_other", "other", "case"),
    ):
        desk = Desk(site.house, uuid.UUID(site.ids[case]), site.actor(role))
        if name == "bulletin_published":
            site.ids["bulletin_slug"] = str(desk.publish().now.slug)
        site.ids[name] = str(desk.id)
    site.ids["bulletin_survey"] = str(draft_survey(site.house, site.actor("staff")).id)


def _tasks(site: Site) -> None:
    """The alerts' levels, and a call to firm alpha, as if the time to answer had passed."""
    house = site.house
    with house.database.write() as session:
        work_desk(session, house.clock, site.centre)
        alert = session.get_one(Alert, uuid.UUID(site.ids["alert_alpha"]))
        alert.answer_by = house.clock.now() - timedelta(minutes=1)
    with house.database.write() as session:
        work_desk(session, house.clock, site.centre)
        site.ids["task"] = str(session.scalars(select(DeskTask.id).where(DeskTask.kind == "call")).one())


def _remember(site: Site) -> None:
    with site.house.database.read() as session:
        for firm in session.scalars(select(Firm)):
            site.ids[f"firm_{firm.ref}"] = str(firm.id)
        for entry in (*session.scalars(select(Expert)), *session.scalars(select(Agency))):
            site.ids[f"entry_{entry.ref}"] = str(entry.id)
        refs = {str(firm.id): firm.ref for firm in session.scalars(select(Firm))}
        for alert in session.scalars(select(Alert)):
            site.ids[f"alert_{refs[str(alert.firm_id)]}"] = str(alert.id)
        for match in session.scalars(select(PartyMatch)):
            site.ids[f"match_{refs[str(match.firm_id)]}"] = str(match.id)
        for delivery in session.scalars(select(MessageDelivery)):
            site.ids[f"delivery_{refs[str(delivery.firm_id)]}"] = str(delivery.id)
    site.ids["sha256"] = _sha256(site)


def _sha256(site: Site) -> str:
    from cases.query import evidence_of

    with site.house.database.read() as session:
        return evidence_of(session, uuid.UUID(site.ids["case"]))[0].sha256
