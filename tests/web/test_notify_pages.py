"""What a firm receives, and the staff's ledger, on the pages."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import update

from core.clock import FixedClock
from notify.models import MessageDelivery
from tests.web.reading import main_text, page, text_of
from tests.web.world import Site, post


def _later(site: Site, **by: float) -> None:
    clock = site.house.clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(**by))


def test_the_secret_of_a_webhook_is_shown_once(fresh: Site) -> None:
    client = fresh.client("a")
    shown = post(client, "/notices/webhook", {"url": "https://hooks.example.org/in"}).get_data(as_text=True)
    secret = re.search(r"whsec_[\w-]{20,}", shown)
    assert secret
    for path in ("/notices", "/firm"):
        assert secret.group() not in client.get(path).get_data(as_text=True)
    assert "https://hooks.example.org/in" in main_text(page(client, "/notices"))
    assert "hooks.example.org" not in fresh.client("b").get("/notices").get_data(as_text=True)
    post(client, "/notices/webhook/remove", {})
    assert "hooks.example.org" not in main_text(page(client, "/notices"))
    assert post(client, "/notices/webhook/remove", {}).status_code == 404


def test_an_address_that_cannot_be_a_webhook_is_refused_in_words(fresh: Site) -> None:
    for url in (
        "http://hooks.example.org/",
        "https://10.0.0.1/",
        "javascript:alert(1)",
        "https://user:pw@x.example",
    ):
        answer = post(fresh.client("a"), "/notices/webhook", {"url": url})
        assert answer.status_code == 422, url
        assert "Write it like https://example.org/seamark." in answer.get_data(as_text=True)
        assert "pw@" not in answer.get_data(as_text=True)


def test_mail_is_switched_by_each_person_for_themselves(fresh: Site) -> None:
    client = fresh.client("a")
    assert page(client, "/notices").select_one("#mail-on[checked]")
    post(client, "/notices/mail", {"email": "off"})
    assert page(client, "/notices").select_one("#mail-off[checked]")
    assert page(fresh.client("b"), "/notices").select_one("#mail-on[checked]")
    assert "sends no mail yet" in main_text(page(client, "/notices"))


def test_a_test_message_shows_what_came_of_it(fresh: Site) -> None:
    client = fresh.client("a")
    assert post(client, "/notices/test", {}).status_code == 302
    assert "Test message" in main_text(page(client, "/notices"))
    again = post(client, "/notices/test", {})
    assert again.status_code == 422
    assert "less than a minute ago" in again.get_data(as_text=True)
    _later(fresh, seconds=1)
    fresh.house.dispatcher().run()
    assert text_of(page(client, "/notices").select(".names .badge")[0]) == "accepted"
    assert "Test message" not in main_text(page(fresh.client("b"), "/notices"))


def test_the_ledger_shows_its_lines_filters_them_and_sends_again(fresh: Site) -> None:
    staff = fresh.client("staff")
    shown = page(staff, "/deliveries")
    assert sorted(text_of(row.find(attrs={"data-label": "Message"})) for row in shown.select("tbody tr")) == [
        "1 alert",
        "1 alert",
        "News of a consultation",
    ]
    assert {text_of(cell) for cell in shown.select("tbody th")} == {
        "海岚无人机科技股份有限公司",
        "北泽照明股份有限公司",
    }
    identity = fresh.ids["delivery_alpha"]
    with fresh.house.database.write() as session:
        words = {"template": "The webhook answered HTTP %(status)s.", "values": {"status": 500}}
        session.execute(
            update(MessageDelivery)
            .where(MessageDelivery.firm_id.is_not(None))
            .values(state="failed", error=words)
        )
    failed = page(staff, "/deliveries?state=failed")
    assert "The webhook answered HTTP 500." in main_text(failed)
    assert "回调返回 HTTP 500" in main_text(page(staff, "/deliveries?state=failed&lang=zh"))
    staff.set_cookie("seamark_lang", "en")
    assert post(staff, f"/deliveries/{identity}/retry", {}).status_code == 302
    assert len(page(staff, "/deliveries?state=failed").select("tbody tr")) == 2
    assert len(page(staff, "/deliveries?state=queued").select("tbody tr")) == 1
    assert page(staff, "/deliveries?channel=email").select("tbody tr") == []
    assert staff.get("/deliveries?state=lost").status_code == 422
    assert "海岚" not in main_text(page(fresh.client("other"), "/deliveries"))


def test_the_supervisor_is_told_what_waits(fresh: Site) -> None:
    assert fresh.visitor().get("/readyz").get_json()["messages"] == {"queued": 5, "failed": 0}
    _later(fresh, minutes=2)
    fresh.house.dispatcher().run()
    assert fresh.visitor().get("/readyz").get_json()["messages"] == {"queued": 0, "failed": 0}


def test_a_person_chooses_when_mail_comes_and_sees_the_choice(fresh: Site) -> None:
    client = fresh.client("a")
    form = {"rhythm_named": "once", "rhythm_watched": "weekly", "quiet_from": "22:00", "quiet_to": "07:30"}
    assert post(client, "/notices/rhythm", form).status_code == 302
    shown = page(client, "/notices")
    assert text_of(shown.select_one("#rhythm-watched option[selected]")) == "On Mondays at 8:30, in one mail"
    assert text_of(shown.select_one("#rhythm-consultation option[selected]")) == "At once"
    assert [shown.select_one(f"#quiet-{end}")["value"] for end in ("from", "to")] == ["22:00", "07:30"]
    assert page(fresh.client("b"), "/notices").select_one("#quiet-from")["value"] == ""
    for wrong in ({"quiet_from": "22:00"}, {"quiet_from": "9", "quiet_to": "x"}, {"rhythm_named": "hourly"}):
        assert post(client, "/notices/rhythm", wrong).status_code == 422, wrong
    post(client, "/notices/rhythm", {"quiet_from": "", "quiet_to": ""})
    assert page(client, "/notices").select_one("#quiet-from")["value"] == ""
