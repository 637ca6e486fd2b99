"""A centre's morning on one machine: the pages behind a socket, the table's own jobs, a court's feed, a mail server.

The clock stands still until a test moves it, so that a firm's time to answer passes in no time.
"""

from __future__ import annotations

import re
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

from playwright.sync_api import Browser, Page, expect
from pytest_httpserver import HTTPServer
from sqlalchemy import select
from werkzeug.serving import make_server

from accounts.service import create_user
from app import create_app
from config import load_settings
from core.actor import Role
from core.clock import FixedClock
from enterprises.importing import import_firms
from enterprises.models import Firm
from experts.importing import import_experts
from house import House, build_house, upgrade
from jobs import job_named, run_now
from tests.browser.conftest import Served
from tests.browser.looking import look_at
from tests.browser.walking import sign_in
from tests.conftest import NOW
from tests.factories import keeper
from tests.mail_server import Post

DOCKET = "1:26-cv-02214"
PLAINTIFF = "Halcyon Ridge Aviation, Inc."
FIRM_ZH, FIRM_EN = "深圳询朗机器人有限公司", "Shenzhen Xunlang Robotics Co., Ltd."
FIRMS = f"""firm,name,kind,industry
xunlang,{FIRM_ZH},legal_zh,ind.aviation_aerospace
xunlang,"{FIRM_EN}",legal_en,
kuofei,宁波阔飞照明有限公司,legal_zh,ind.aviation_aerospace
kuofei,"Ningbo Kuofei Lighting Co., Ltd.",legal_en,
"""
_ITEM = """<item><title><![CDATA[{docket} {plaintiff} v. {firm}]]></title><pubDate>{at}</pubDate>
<guid isPermaLink="false">ilnd {at} {kind}</guid><link>https://ecf.ilnd.uscourts.gov/cgi-bin/DktRpt.pl?1</link>
<description><![CDATA[[{kind}] {text}]]></description></item>"""
#: what the court's feed says, day by day
ENTRIES = (
    ("Fri, 20 Feb 2026 15:00:00 GMT", "Complaint", "COMPLAINT for patent infringement of drones (1)"),
    (
        "Thu, 26 Feb 2026 16:00:00 GMT",
        "Summons Returned Executed",
        "SUMMONS Returned Executed. Served on 2/25/2026, answer due 3/18/2026.",
    ),
    (
        "Fri, 27 Feb 2026 17:00:00 GMT",
        "Temporary Restraining Order",
        "TEMPORARY RESTRAINING ORDER against the sale of camera drones. Signed by the judge.",
    ),
)
_MEMBERS: dict[str, tuple[list[Role], str]] = {
    "staff": ([Role.STAFF], ""),
    "signer": ([Role.STAFF, Role.SIGNER], ""),
    "lead": ([Role.FIRM_MEMBER], "xunlang"),
    "other": ([Role.FIRM_MEMBER], "kuofei"),
}


@dataclass
class Morning:
    """The centre, the people in it, and what was wrong with the pages that were looked at."""

    house: House
    clock: FixedClock
    post: Post
    browser: Browser
    server: Served
    problems: list[str] = field(default_factory=list)

    def run(self, *names: str) -> None:
        """The jobs called so, as the scheduler runs them."""
        for name in names:
            run_now(self.house, job_named(name))

    def pass_time(self, span: timedelta) -> None:
        """Let ``span`` pass."""
        self.clock.advance(span)

    def deliver(self) -> None:
        """Everything that happened reaches everybody, and the mail that is due leaves."""
        self.run("deliver", "desk", "deliver")
        self.pass_time(timedelta(minutes=1))
        self.run("dispatch", "deliver")

    def enter(self, who: str) -> Page:
        """Somebody, signed in by the form with a password of their own."""
        return sign_in(self.browser, self.server, f"{who}@morning.example.com", self.server.passwords[who])

    def go(self, page: Page, path: str) -> None:
        """Open a page of the site."""
        answer = page.goto(self.server.address + path)
        assert answer is not None and answer.status == 200, (path, answer and answer.status)

    def see(self, page: Page, name: str) -> None:
        """Look at the page in both languages and at both widths."""
        self.problems += look_at(page, f"morning-{name}")

    def mail_to(self, who: str, word: str) -> EmailMessage:
        """The one mail somebody has that says ``word``."""
        found = [
            mail
            for mail, to in zip(self.post.mails, self.post.receivers, strict=True)
            if to == f"{who}@morning.example.com" and word in text_of(mail, "plain")
        ]
        assert len(found) == 1, (word, len(found), [m["Subject"] for m in self.post.mails])
        return found[0]

    def open_mail(self, page: Page, mail: EmailMessage, folder: Path, name: str) -> str:
        """The mail's HTML as a mail reader draws it, looked at; returns where its first button leads."""
        file = folder / f"{name}.html"
        file.write_text(text_of(mail, "html"), encoding="utf-8")
        page.goto(file.as_uri())
        expect(page.locator("div[lang=zh-CN]")).to_be_visible()
        self.see(page, name)
        href = page.locator("div[lang=zh-CN] a").first.get_attribute("href")
        assert href is not None and href.startswith(self.server.address), href
        return href


def text_of(mail: EmailMessage, kind: str) -> str:
    """The plain or the html part of a mail."""
    part = mail.get_body((kind,))
    assert part is not None, kind
    return str(part.get_content())


def feed(entries: int, docket: str = DOCKET) -> str:
    """The court's feed when it holds the first ``entries`` of its entries, the newest first."""
    items = "".join(
        _ITEM.format(docket=docket, plaintiff=PLAINTIFF, firm=FIRM_EN, at=at, kind=kind, text=text)
        for at, kind, text in reversed(ENTRIES[:entries])
    )
    return (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>Northern District of Illinois</title>'
        f"<link>https://ecf.ilnd.uscourts.gov</link><description>x</description>{items}</channel></rss>"
    )


@contextmanager
def open_morning(
    home: Path, browser: Browser, court: HTTPServer, post: Post, experts: bytes
) -> Iterator[Morning]:
    """A centre with firms, experts and people, whose crawler is led to ``court``; closed at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    address = f"http://127.0.0.1:{port}"
    clock = FixedClock(NOW)
    house = build_house(
        load_settings(
            {
                "SEAMARK_HOME": str(home),
                "SEAMARK_BASE_URL": address,
                "SEAMARK_SMTP_URL": post.url,
                "SEAMARK_MAIL_FROM": "Seamark <notices@centre.example.org>",
                "SEAMARK_MIRROR": court.url_for(""),
                "SEAMARK_FETCH_ALLOW": f"{court.host}:{court.port}",
                "SEAMARK_SOURCES": "us_pacer_rss",
                "SEAMARK_COURTS": "ilnd",
            }
        ),
        clock,
    )
    upgrade(house)
    import_firms(house.database, clock, keeper(house), "firms.csv", FIRMS.encode())
    import_experts(house.database, clock, keeper(house), "experts.jsonl", experts)
    made = Morning(house, clock, post, browser, Served(address, _people(house)))
    server = make_server("127.0.0.1", port, create_app(house), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        house.close()


def _people(house: House) -> dict[str, str]:
    actor, passwords = keeper(house), {}
    with house.database.write() as session:
        firms = {firm.ref: firm.id for firm in session.scalars(select(Firm))}
        for name, (roles, firm) in _MEMBERS.items():
            firm_id: uuid.UUID | None = firms.get(firm)
            _, passwords[name] = create_user(
                session,
                house.clock,
                actor,
                email=f"{name}@morning.example.com",
                roles=roles,
                firm_id=firm_id,
            )
    return passwords


def publish_feed(court: HTTPServer, say: Callable[[], str]) -> None:
    """Let ``court`` answer with what ``say`` says at that moment."""
    court.expect_request("/robots.txt").respond_with_data("", status=404)

    def answer(request: object) -> object:
        from werkzeug import Response

        return Response(say(), content_type="application/rss+xml")

    court.expect_request(re.compile("^/us_pacer_rss/ilnd")).respond_with_handler(answer)  # type: ignore[arg-type]
