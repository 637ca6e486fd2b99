"""The table of route × role × status: complete in both directions, and true."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.web import need_of
from tests.web import onward
from tests.web.agencies import furnish
from tests.web.world import ROLES, Site, post

TABLE = yaml.safe_load((Path(__file__).parent / "routes.yml").read_text(encoding="utf-8"))
ROWS: list[dict[str, Any]] = TABLE["rows"]
#: what leads a visitor somewhere else than to the sign-in
_LEAD_ELSEWHERE = ("security.logout", "calls.begin", "agencies.begin", "entry.index")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One world for the whole walk; its rows are tried in the table's order."""
    from tests.web.conftest import make_site

    made = make_site(tmp_path_factory.mktemp("routes"))
    furnish(made)
    onward.furnish(made)
    yield made
    made.house.close()


def test_the_table_has_a_column_for_every_role() -> None:
    assert tuple(TABLE["columns"]) == ROLES
    assert all(len(row["gives"]) == len(ROLES) for row in ROWS)


def test_every_route_and_method_stands_in_the_table(site: Site) -> None:
    stands = {(row["endpoint"], row["method"]) for row in ROWS}
    # The form of these two is shown and taken by one view; test_signin.py sends it.
    stands |= {("security.login", "POST"), ("security.change_password", "POST")}
    there = {
        (rule.endpoint, method)
        for rule in site.app.url_map.iter_rules()
        for method in (rule.methods or set()) & set(_METHODS)
        if rule.endpoint not in TABLE["untried"]
    }
    assert there - stands == set(), "routes that no row of routes.yml tries"
    assert stands - there == set(), "rows of routes.yml without a route"
    assert set(TABLE["untried"]) <= {rule.endpoint for rule in site.app.url_map.iter_rules()}


def test_every_route_says_what_it_needs(site: Site) -> None:
    silent = [r.endpoint for r in site.app.url_map.iter_rules() if need_of(site.app, r.endpoint) is None]
    assert silent == []


def test_a_route_that_says_nothing_is_refused(fresh: Site) -> None:
    fresh.app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    answer = fresh.visitor().get("/forgotten")
    assert answer.status_code == 500
    assert "secret" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "row", ROWS, ids=[f"{n:02d} {row['method']} {row['path']}" for n, row in enumerate(ROWS)]
)
def test_each_role_gets_what_the_table_says(world: Site, row: dict[str, Any]) -> None:
    got = []
    # The table's own roles, and the expert and somebody of a station where a row says what they get.
    further = [role for role in ("expert", "station") if role in row]
    roles = (*ROLES, *further)
    for role in roles:
        client, path = world.client(role), row["path"].format(**world.ids)
        if row["method"] == "GET":
            answer = client.get(path)
        else:
            answer = post(client, path, {k: str(v).format(**world.ids) for k, v in row["form"].items()})
        got.append(answer.status_code)
        answer.close()
        if role == "visitor" and row["gives"][0] == 302 and row["endpoint"] not in _LEAD_ELSEWHERE:
            assert answer.headers["Location"].startswith("/sign-in"), "a visitor is led to the sign-in"
    wanted = [*row["gives"], *(row[role] for role in further)]
    assert dict(zip(roles, got, strict=True)) == dict(zip(roles, wanted, strict=True))


def test_somebody_of_a_station_reads_what_everybody_may_and_the_stations_own_pages_alone(site: Site) -> None:
    client, got = site.client("station"), {}
    for row in ROWS:
        if row["method"] != "GET" or "station" in row or row["endpoint"] == "security.logout":
            continue
        is_open = row["gives"][0] != 302 or set(row["gives"][1:]) == {200}
        answer = client.get(row["path"].format(**site.ids))
        if not is_open and answer.status_code not in (302, 403, 404, 503):
            got[row["path"]] = answer.status_code
        answer.close()
    assert got == {}


@pytest.mark.parametrize("role", ["visitor", "staff"])
def test_a_method_that_a_route_does_not_take_is_refused_by_name(site: Site, role: str) -> None:
    client, routes = site.client(role), site.app.url_map.bind("localhost")
    for rule in site.app.url_map.iter_rules():
        parts = (
            "1" if p.startswith("<int:") else "x" if p.startswith("<") else p for p in rule.rule.split("/")
        )
        path = "/".join(parts)
        for method in set(_METHODS) - set(routes.allowed_methods(path)):
            answer = client.open(path, method=method)
            assert answer.status_code == 405, (method, path)
            assert {"GET", "POST"} & set(answer.headers["Allow"].split(", "))
