"""Every form needs its token, whoever sends it and however it is dressed."""

from __future__ import annotations

import pytest

from tests.web.test_routes import ROWS
from tests.web.world import ROLES, Site, token

#: where a POST goes, and a role that may send it
POSTS = [
    (
        row["path"],
        next(
            role
            for role, gives in zip(
                (*ROLES[1:], "expert"), (*row["gives"][1:], row.get("expert", 403)), strict=True
            )
            if gives != 403
        ),
        row["form"],
    )
    for row in ROWS
    if row["method"] == "POST" and row["endpoint"] != "security.logout" and set(row["gives"][1:]) != {403}
]
POSTS += [("/sign-out", "b", {}), ("/sign-in", "visitor", {}), ("/account/password", "b", {})]


@pytest.mark.parametrize(("path", "role", "form"), POSTS, ids=[f"{role} {path}" for path, role, _ in POSTS])
@pytest.mark.parametrize(
    "dressed",
    [
        {},
        {"headers": {"Authentication-Token": "junk"}},
        {"headers": {"Authorization": "Basic anVuazpqdW5r"}},
        {"headers": {"X-CSRFToken": "junk"}},
        {"query_string": {"auth_token": "junk"}},
    ],
    ids=["plain", "token header", "basic", "junk token", "token in the address"],
)
def test_a_form_without_its_token_is_refused(
    site: Site, path: str, role: str, form: dict[str, object], dressed: dict[str, object]
) -> None:
    answer = site.client(role).post(path.format(**site.ids), data=form, **dressed)  # type: ignore[arg-type]
    assert answer.status_code == 400
    assert "Nothing was changed" in answer.get_data(as_text=True)


def test_json_needs_a_token_too(site: Site) -> None:
    for path in ("/sign-in", "/account/password", "/account/language"):
        answer = site.client("b").post(path, json={"locale": "en", "email": "x", "password": "y"})
        assert answer.status_code == 400, path


def test_a_token_of_another_session_is_refused(site: Site) -> None:
    theirs = token(site.visitor())
    answer = site.client("b").post("/account/language", data={"locale": "en", "csrf_token": theirs})
    assert answer.status_code == 400


def test_nobody_signs_in_without_a_session(site: Site) -> None:
    for headers in ({"Authentication-Token": "junk"}, {"Authorization": "Basic YTpi"}):
        assert site.visitor().get("/account", headers=headers).status_code == 302
