"""Watch profiles on the pages: checked before they are kept, edited side by side, private to their firm."""

from __future__ import annotations

from tests.web.reading import links, main_text, page, text_of
from tests.web.world import Site, post, record

FORM = {"name": "Drones", "include": "rotor blade\nUnmanned Aerial, drone", "exclude": "lamp"}


def _check(site: Site, form: dict[str, object], role: str = "a") -> tuple[int, str]:
    answer = post(site.client(role), "/watch/check", form)
    return answer.status_code, answer.get_data(as_text=True)


def test_before_it_is_kept_a_profile_shows_what_it_would_have_caught(fresh: Site) -> None:
    status, shown = _check(fresh, {"name": "UAV", "include": "unmanned aerial vehicles"})
    assert status == 200
    assert "It would have caught 3 cases" in shown
    assert "Acme Optics v. Hailan Drone" in shown
    assert "Quiet Candidate" not in shown, "a candidate is staff's"
    assert "UAV" not in main_text(page(fresh.client("a"), "/watch")), "nothing was kept"


def test_a_profile_is_kept_listed_paused_and_deleted(fresh: Site) -> None:
    client = fresh.client("a")
    assert post(client, "/watch", FORM).headers["Location"] == "/watch"
    shown = page(client, "/watch")
    assert "Saved." in text_of(shown.select_one(".flashes"))
    row = next(li for li in shown.select(".case-row") if "Drones" in li.get_text())
    assert [mark.get_text() for mark in row.select("mark")] == ["rotor blade", "Unmanned Aerial", "drone"]
    path = row.select_one("form")["action"]
    assert post(client, str(path), {"step": "pause", "version": 1}).status_code == 302
    assert "paused" in main_text(page(client, "/watch"))
    confirm = page(client, str(path).replace("/step", "/delete"))
    assert "Delete “Drones”?" in main_text(confirm)
    version = confirm.select_one('main input[name="version"]')["value"]
    post(client, str(path), {"step": "delete", "version": version})
    shown = main_text(page(client, "/watch"))
    assert "Drones" not in shown
    assert "The alerts it raised are kept" in shown


def test_what_is_refused_says_why_and_keeps_what_was_typed(fresh: Site) -> None:
    client = fresh.client("a")
    for path in ("/watch/check", "/watch"):
        for form, words in (
            ({"name": "All", "exclude": "lamp"}, "This profile asks for every case."),
            ({"include": "drone"}, "This is missing"),
            ({"name": "   ", "include": "drone"}, "The profile needs a name."),
            ({"name": "One", "include": "x"}, "a word has 2 to 100 characters"),
            ({"name": "Odd", "industries": "ind.nowhere"}, "choose from the list"),
            ({"name": "Moon", "regions": "ZZ"}, "choose from the list"),
        ):
            answer = post(client, path, form)
            shown = answer.get_data(as_text=True)
            assert answer.status_code == 422, form
            assert words in shown, form
            for value in form.values():
                assert value.strip() in shown or value.startswith(("ind.", "ZZ"))
    assert "Secret of alpha" in main_text(page(client, "/watch"))
    assert len(page(client, "/watch").select(".case-row")) == 1


def test_a_profile_that_is_too_broad_is_refused_with_its_numbers(fresh: Site) -> None:
    for n in range(60):
        record(fresh, f"2:26-cv-7{n:04d}", f"Case {n}", "Nobody LLC", is_ip=True)
    fresh.drain()
    status, shown = _check(fresh, {"name": "All of it", "regions": "US"})
    assert status == 422
    assert "too broad: it would have caught 63 of 63 public cases" in shown
    assert "At most 20 % of them, or 52" in shown


def test_a_colleagues_change_is_shown_beside_ones_own(fresh: Site) -> None:
    client, path = fresh.client("a"), f"/watch/{fresh.ids['profile_alpha']}"
    assert post(client, path, {"name": "First", "include": "lamp", "version": 1}).status_code == 302
    answer = post(client, path, {"name": "Second", "include": "drone", "version": 1})
    shown = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "A colleague changed this watch profile" in shown
    assert "First" in shown and "lamp" in shown
    assert 'value="Second"' in shown and "drone" in shown
    assert 'name="version" value="2"' in shown
    assert post(client, path, {"name": "Second", "include": "drone", "version": 2}).status_code == 302


def test_changing_goes_through_the_same_check(fresh: Site) -> None:
    client, identity = fresh.client("a"), fresh.ids["profile_alpha"]
    assert "rotor blade" in main_text(page(client, f"/watch/{identity}"))
    sent = {"name": "UAV", "include": "aerial", "profile": identity, "version": 1}
    shown = post(client, "/watch/check", sent).get_data(as_text=True)
    assert f'action="/watch/{identity}"' in shown
    again = post(client, "/watch/check", {**sent, "act": "edit"}).get_data(as_text=True)
    assert "aerial" in again and f'name="profile" value="{identity}"' in again
    other = post(fresh.client("b"), "/watch/check", sent)
    assert other.status_code == 404


def test_hostile_words_are_text(fresh: Site) -> None:
    client, hostile = fresh.client("a"), "<script>alert(1)</script>"
    post(client, "/watch", {"name": hostile, "include": hostile})
    for path in ("/watch", "/firm"):
        shown = client.get(path).get_data(as_text=True)
        assert "<script>alert" not in shown
    assert "&lt;script&gt;" in client.get("/watch").get_data(as_text=True)


def test_nobody_else_learns_what_a_firm_watches(fresh: Site) -> None:
    record(fresh, "2:26-cv-80001", "Acme v. Nobody", "Nobody LLC", is_ip=True, text="A rotor blade.")
    fresh.drain()
    a = fresh.client("a")
    assert "Secret of alpha" in main_text(page(a, "/alerts"))
    link = next(
        x["href"] for x in page(a, "/alerts").select(".case-title a") if "Secret of alpha" in x.get_text()
    )
    told = main_text(page(a, str(link)))
    assert "the word “rotor blade” stands in: Text" in told
    for role in ("b", "staff", "other", "admin"):
        client = fresh.client(role)
        for path in (
            "/alerts",
            "/",
            "/watch",
            f"/firms/{fresh.ids['firm_alpha']}",
            "/deliveries",
            "/audit",
            str(link),
        ):
            shown = client.get(path).get_data(as_text=True)
            assert "Secret of alpha" not in shown, (role, path)
            assert "rotor blade" not in shown, (role, path)
    shown = main_text(page(fresh.client("staff"), f"/firms/{fresh.ids['firm_alpha']}"))
    assert "1 watching, 0 paused." in shown


def test_a_search_becomes_a_profile(site: Site) -> None:
    client = site.client("a")
    found = page(
        client, "/cases?q=drone+camera&region=US&dispute_type=dt.patent_infringement&stage=ps.answer"
    )
    (link,) = [path for path in links(found) if path.startswith("/watch/new?")]
    form = page(client, link)
    assert form.select_one("[name=include]").text == "drone camera"  # type: ignore[union-attr]
    assert [i["value"] for i in form.select("input[type=checkbox][checked]")] == [
        "dt.patent_infringement",
        "US",
    ]
    assert not any("/watch/new?" in path for path in links(page(client, "/cases")))
    assert not any("/watch/new" in path for path in links(page(site.client("staff"), "/cases?q=drone")))


def test_snooze_noise_and_mute_are_shown_and_undone(fresh: Site) -> None:
    client, profile = fresh.client("a"), fresh.ids["profile_alpha"]
    post(client, f"/watch/{profile}/snooze", {"until": "2026-04-01", "version": 1})
    assert "snoozed until 2026-04-01" in main_text(page(client, "/watch"))
    post(client, f"/watch/{profile}/snooze", {"version": 2})
    assert "snoozed until" not in main_text(page(client, "/watch"))
    assert post(client, f"/watch/{profile}/snooze", {"until": "2020-01-01", "version": 3}).status_code == 422
    post(client, "/watch/noise", {"words": "sewing\nToy Works", "version": 0})
    assert page(client, "/watch").select_one("#noise-words").text == "sewing\nToy Works"  # type: ignore[union-attr]
    case = f"/cases/{fresh.ids['case']}"
    assert "Mute this case" in main_text(page(client, case))
    post(client, f"/watch{case}/mute", {"act": "mute"})
    assert "Your firm muted this case" in main_text(page(client, case))
    post(client, f"/watch{case}/mute", {"act": "unmute"})
    assert "Mute this case" in main_text(page(client, case))
    assert "Mute" not in main_text(page(fresh.client("b"), case))
    assert "Mute" not in main_text(page(fresh.client("staff"), case))


def test_competitors_rights_and_exhibitions_are_kept_through_the_check(fresh: Site) -> None:
    client = fresh.client("a")
    form = {"name": "Rivals", "competitors": "Rival Works", "rights": "US 9,123,456", "exhibitions": "CES"}
    checked = post(client, "/watch/check", form).get_data(as_text=True)
    assert "US 9,123,456" in checked
    assert post(client, "/watch", form).status_code == 302
    told = main_text(page(client, "/watch"))
    for words in ("Competitors Rival Works", "Rights US 9,123,456", "Exhibitions CES"):
        assert words in told, words
    record(fresh, "2:26-cv-00088", "Rival Works v. Nobody", "Nobody LLC", is_ip=True)
    fresh.drain()
    alert = str(page(client, "/alerts").select(".case-title a")[0]["href"])
    shown = main_text(page(client, alert))
    assert (
        "the competitor “Rival Works” is a party" in shown and "the right US 9,123,456 is in dispute" in shown
    )
    assert post(client, "/watch", {"name": "x", "rights": "twelve"}).status_code == 422
