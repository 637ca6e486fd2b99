"""Signing in: the form, its limits, the forced change, and what ends a session."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest

from tests.web.reading import main_text, page
from tests.web.world import PASSWORD, Site, address_of, change_password, post, sign_in, token


def _signed_in(client: object) -> bool:
    return client.get("/account").status_code == 200  # type: ignore[attr-defined, no-any-return]


def test_a_right_password_signs_in(fresh: Site) -> None:
    client = fresh.visitor()
    answer = sign_in(client, "A@Example.ORG", fresh.passwords["a"])
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


def test_wrong_address_and_wrong_password_are_told_in_the_same_words(fresh: Site) -> None:
    texts = []
    for email, password in (
        ("a@example.org", "wrong wrong wrong"),
        ("nobody@example.org", fresh.passwords["a"]),
    ):
        client = fresh.visitor()
        answer = sign_in(client, email, password)
        assert answer.status_code == 200
        shown = answer.get_data(as_text=True).replace(email, "").replace(token(client), "")
        texts.append([line for line in shown.splitlines() if "csrf_token" not in line])
        assert not _signed_in(client)
    assert texts[0] == texts[1]
    assert "Authentication failed" in "".join(texts[0])


def test_the_words_of_a_failed_sign_in_are_chinese_for_a_chinese_reader(fresh: Site) -> None:
    client = fresh.visitor("zh")
    shown = sign_in(client, "a@example.org", "wrong wrong wrong").get_data(as_text=True)
    assert "Authentication" not in shown
    assert 'role="alert"' in shown


def test_the_typed_password_never_comes_back(fresh: Site) -> None:
    shown = sign_in(fresh.visitor(), "a@example.org", "my secret attempt").get_data(as_text=True)
    assert "my secret attempt" not in shown


@pytest.mark.parametrize("language", ["en", "zh"])
def test_ten_wrong_passwords_for_one_address_are_enough(fresh: Site, language: str) -> None:
    for _ in range(10):
        assert sign_in(fresh.visitor(), "a@example.org", "wrong wrong wrong").status_code == 200
    answer = sign_in(fresh.visitor(language), "a@example.org", fresh.passwords["a"])
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert ("Too many attempts" if language == "en" else "次数过多") in answer.get_data(as_text=True)
    assert sign_in(fresh.visitor(), "b@example.org", fresh.passwords["b"]).status_code == 302


def test_right_passwords_are_not_counted(fresh: Site) -> None:
    for _ in range(12):
        assert sign_in(fresh.visitor(), "a@example.org", fresh.passwords["a"]).status_code == 302


def test_one_place_may_not_try_every_address(fresh: Site) -> None:
    answers = [sign_in(fresh.visitor(), f"n{n}@example.org", "wrong").status_code for n in range(51)]
    assert set(answers[:50]) == {200}
    assert answers[50] == 429


def test_a_one_time_password_leads_to_the_change_and_nowhere_else(fresh: Site) -> None:
    client = fresh.visitor()
    sign_in(client, "staff@example.org", fresh.passwords["staff"])
    for path in ("/", "/cases", "/account", "/firms", "/candidates", "/nowhere"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/account/password"), path
    client.get("/static/seamark.css", buffered=True)
    change_password(client, fresh.passwords["staff"], PASSWORD)
    assert _signed_in(client)
    assert client.get("/firms").status_code == 200


def test_no_change_of_state_before_the_password_is_changed(fresh: Site) -> None:
    client = fresh.visitor()
    sign_in(client, "a@example.org", fresh.passwords["a"])
    data = {"step": "read", "csrf_token": token(client, "/account/password")}
    answer = client.post(f"/alerts/{fresh.ids['alert_alpha']}/step", data=data)
    assert answer.headers["Location"] == "/account/password"
    change_password(client, fresh.passwords["a"], PASSWORD)
    assert "Unread" in main_text(page(client, "/alerts"))


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ("wrong", PASSWORD, PASSWORD),
        (None, "short", "short"),
        (None, PASSWORD, PASSWORD + "x"),
        (None, None, None),
    ],
    ids=["wrong old one", "too short", "not the same twice", "the old one again"],
)
def test_a_bad_new_password_is_refused_beside_its_field(
    fresh: Site, old: str | None, new: str | None, again: str | None
) -> None:
    client, given = fresh.visitor(), fresh.passwords["a"]
    sign_in(client, "a@example.org", given)
    answer = client.post(
        "/account/password",
        data={
            "password": old or given,
            "new_password": new or given,
            "new_password_confirm": again or given,
            "csrf_token": token(client, "/account/password"),
        },
    )
    assert answer.status_code == 200
    assert 'class="field-error"' in answer.get_data(as_text=True)
    assert client.get("/account").status_code == 302


def test_changing_the_password_ends_other_sessions(fresh: Site) -> None:
    here, there = fresh.client("a"), fresh.visitor()
    sign_in(there, "a@example.org", PASSWORD)
    assert _signed_in(there)
    change_password(here, PASSWORD, "another harbour light 2026")
    assert _signed_in(here)
    assert not _signed_in(there)


def _change(fresh: Site, who: str, **values: str) -> None:
    path = f"/users/{fresh.ids[f'user_{who}']}"
    version = page(fresh.client("admin"), path).select_one("input[name=version]")
    assert version is not None
    answer = post(fresh.client("admin"), path, {"version": version["value"], **values})
    assert answer.status_code in (200, 302)


@pytest.mark.parametrize(
    "values",
    [{"act": "roles", "roles": "admin"}, {"act": "disable"}, {"act": "reset"}],
    ids=lambda v: v["act"],
)
def test_a_change_by_an_administrator_ends_the_sessions(fresh: Site, values: dict[str, str]) -> None:
    staff = fresh.client("staff")
    assert _signed_in(staff)
    _change(fresh, "staff", **values)
    assert not _signed_in(staff)
    assert staff.get("/firms").status_code == 302


def test_a_disabled_account_cannot_sign_in_and_is_told_nothing_special(fresh: Site) -> None:
    fresh.client("a")
    _change(fresh, "a", act="disable")
    client = fresh.visitor()
    answer = sign_in(client, "a@example.org", PASSWORD)
    assert answer.status_code == 200
    assert not _signed_in(client)
    _change(fresh, "a", act="enable")
    assert sign_in(fresh.visitor(), "a@example.org", PASSWORD).status_code == 302


def test_signing_out_ends_the_session(fresh: Site) -> None:
    client = fresh.client("a")
    assert post(client, "/sign-out").status_code == 302
    assert not _signed_in(client)


def test_signing_out_is_no_link(fresh: Site) -> None:
    client = fresh.client("a")
    assert client.get("/sign-out").status_code == 405
    assert _signed_in(client)


def test_a_visitor_comes_back_to_where_they_wanted_to_go(fresh: Site) -> None:
    fresh.client("a")
    client = fresh.visitor()
    led = client.get("/alerts?state=unread").headers["Location"]
    form = page(client, led)
    wanted = form.select_one("input[name=next]")
    assert wanted is not None
    answer = sign_in(client, "a@example.org", PASSWORD, next=wanted["value"])
    assert answer.headers["Location"] == "/alerts?state=unread"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "///evil.example/x",
        "https://localhost.evil.example/",
        "/%09/evil.example",
        "\t//evil.example",
    ],
)
def test_a_sign_in_leads_to_no_other_site(fresh: Site, target: str) -> None:
    fresh.client("a")
    client = fresh.visitor()
    data = {"email": address_of("a"), "password": PASSWORD, "csrf_token": token(client), "next": target}
    for path in ("/sign-in", "/sign-in?next=" + target.replace("\\", "%5C").replace("\t", "%09")):
        answer = client.post(path, data=data)
        where = answer.headers.get("Location", "/").replace("\\", "/").replace("\t", "").replace("%09", "")
        assert urlsplit(urljoin("http://localhost/sign-in", where)).netloc == "localhost", where
        post(client, "/sign-out")
        data["csrf_token"] = token(client)


def test_a_sign_in_stands_in_the_audit(fresh: Site) -> None:
    fresh.client("staff")
    shown = main_text(page(fresh.client("admin"), "/audit"))
    assert f"user:{fresh.ids['user_staff']}" in shown
    assert "Signed in" in shown
    assert "Password changed" in shown
    assert "@example.org" not in shown
