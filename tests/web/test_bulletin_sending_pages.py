"""Sending a bulletin and its receipts, as staff and firms meet them."""

from __future__ import annotations

from tests.web.reading import main_text, page
from tests.web.world import Site, post


def test_staff_look_send_and_see_who_has_read(fresh: Site) -> None:
    staff, identity = fresh.client("staff"), fresh.ids["bulletin_published"]
    slug, path = fresh.ids["bulletin_slug"], f"/bulletins/drafts/{fresh.ids['bulletin_published']}/send"
    told = {"named": "alpha\nbeta", "by_watch": "1"}
    looked = post(staff, path, {**told, "act": "look"})
    assert looked.status_code == 200 and "海岚无人机科技股份有限公司" in looked.get_data(as_text=True)
    assert "Not sent to any firm yet" in main_text(page(staff, path)), "looking sends nothing"
    assert post(staff, path, {**told, "act": "send"}).status_code == 302
    assert "Sent to 2, read by 0" in main_text(page(staff, f"/bulletins/drafts/{identity}"))

    firm = fresh.client("a")
    assert f"/bulletins/{slug}" in str(
        page(firm, "/").select_one("section[aria-labelledby=received-bulletins]")
    )
    assert "not read yet" in main_text(page(firm, "/bulletins/received"))
    assert "Sent to 2, read by 0" in main_text(page(staff, path)), "a list is not the bulletin"
    page(fresh.visitor(), f"/bulletins/{slug}")
    page(staff, f"/bulletins/{slug}")
    assert "Sent to 2, read by 0" in main_text(page(staff, path)), "only the firm reads for the firm"
    page(firm, f"/bulletins/{slug}")
    assert "Sent to 2, read by 1" in main_text(page(staff, path))
    assert "not read yet" not in main_text(page(firm, "/bulletins/received"))
    assert page(firm, "/").select_one("section[aria-labelledby=received-bulletins]") is None


def test_a_firm_that_was_sent_nothing_reads_what_will_be_here(site: Site) -> None:
    assert "Nothing was sent to your firm yet" in main_text(page(site.client("b"), "/bulletins/received"))


def test_a_name_that_is_not_in_the_register_is_said_at_its_field(site: Site) -> None:
    path = f"/bulletins/drafts/{site.ids['bulletin_published']}/send"
    answer = post(site.client("staff"), path, {"act": "look", "named": "gamma"})
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert 'href="#named"' in text and "No firm of the register is called “gamma”" in text


def test_a_message_is_called_a_bulletin_in_the_ledger(fresh: Site) -> None:
    path = f"/bulletins/drafts/{fresh.ids['bulletin_published']}/send"
    post(fresh.client("staff"), path, {"act": "send", "named": "beta"})
    assert "1 bulletin" in main_text(page(fresh.client("staff"), "/deliveries"))
