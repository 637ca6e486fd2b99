"""First-hours items: every one rests on something, says it in both languages, and is unreviewed until somebody signs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from core.actor import VISITOR, Actor, Role
from core.audit import AuditRow
from core.errors import BadInput, NotAllowed, NotFound, RulebookInvalid
from house import House
from knowledge import first_hours
from knowledge.first_hours import (
    FOLDER,
    SCENARIOS,
    FirstItem,
    items_for,
    load_first_hours,
    read_first_hours,
    reviews_of,
    scenario_of,
    sign_item,
)
from tests.factories import bring_firms, member, staff

ITEMS = [item for steps in load_first_hours().values() for item in steps.items]


def test_every_scenario_has_things_to_do_and_not_to_do() -> None:
    assert tuple(load_first_hours()) == SCENARIOS
    for steps in load_first_hours().values():
        times = {item.when for item in steps.items}
        assert {"h24", "never"} <= times, steps.scenario


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.id)
def test_every_item_has_both_languages_a_basis_and_an_author(item: FirstItem) -> None:
    assert any("\u4e00" <= c <= "\u9fff" for c in item.zh)
    assert not any("\u4e00" <= c <= "\u9fff" for c in item.en)
    assert item.basis and all(any(c.isdigit() or c == "》" for c in b) or "contract" in b for b in item.basis)
    assert item.author and item.status == "draft"
    assert item.id.startswith(f"fh.{item.scenario}.")
    if item.clocks:
        assert item.basis


Spoil = Callable[[dict[str, Any]], None]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda d: d["items"][0].pop("basis"), "needs a basis"),
        (lambda d: d["items"][0].update(basis=[]), "needs a basis"),
        (lambda d: d["items"][0].update(en=" "), "no en words"),
        (lambda d: d["items"][0].update(id="answer"), "no id"),
        (lambda d: d["items"].append(dict(d["items"][0])), "stands twice"),
        (lambda d: d["items"][0].update(version="one"), "no version"),
        (lambda d: d["items"][0].update(when="soon"), "no time"),
        (lambda d: d["items"][0].update(clocks=["ck.jp.invalidation_answer"]), "not verified"),
        (lambda d: d["items"][0].update(regions=["XX"]), "region"),
        (lambda d: d["items"][0].update(venues=["v.nowhere"]), "venue"),
        (lambda d: d["items"][0].update(reviewer="me"), "unknown field"),
        (lambda d: d.update(as_of="today"), "no date"),
        (lambda d: d.update(scenario="other"), "scenario"),
        (lambda d: d.update(items=[]), "empty"),
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, spoil: Spoil, said: str) -> None:
    shutil.copytree(FOLDER, tmp_path / "f")
    path = tmp_path / "f" / "sued.yml"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    spoil(data)
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    with pytest.raises(RulebookInvalid, match=said):
        read_first_hours(tmp_path / "f")


def test_a_missing_scenario_is_refused(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "f")
    (tmp_path / "f" / "tro.yml").unlink()
    with pytest.raises(RulebookInvalid, match="tro"):
        read_first_hours(tmp_path / "f")


def test_items_of_another_forum_are_left_out() -> None:
    everywhere, texas = items_for("sued"), items_for("sued", "v.us.txed", "US")
    assert {i.id for i in texas} < {i.id for i in everywhere}
    assert "fh.sued.germany" not in {i.id for i in texas}
    assert "fh.sued.answer" not in {i.id for i in items_for("sued", "v.de.lg", "DE")}
    assert items_for("nothing") == []


@pytest.mark.parametrize(
    ("venue", "scenario"),
    [
        ("v.us.itc", "section_337"),
        ("v.us.txed", "sued"),
        ("v.us.cafc", None),
        ("v.us.ttab", None),
        ("v.us.cbp", "customs"),
        ("v.x", None),
    ],
)
def test_the_forum_suggests_the_scenario(venue: str, scenario: str | None) -> None:
    assert scenario_of(venue) == scenario


def test_whoever_began_the_dispute_was_not_sued() -> None:
    assert scenario_of("v.us.txed", ["plaintiff"]) is None
    assert scenario_of("v.us.txed", ["plaintiff", "counterdefendant"]) == "sued"


NAMED = {"version": 1, "reviewer": "Jane Doe", "qualification": "Attorney, admitted in Texas"}


def _sign(house: House, actor: Actor, **told: Any) -> None:
    with house.database.write() as session:
        sign_item(session, house.clock, actor, "fh.sued.answer", **{**NAMED, **told})


def test_a_signature_is_named_audited_and_for_these_words_alone(
    each_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = staff(each_house)
    _sign(each_house, actor)
    item = first_hours.item_named("fh.sued.answer")
    with each_house.database.read() as session:
        review = reviews_of(session, [item])[item.id]
        assert (review.reviewer, review.item_sha256) == ("Jane Doe", item.sha256)
        row = session.scalars(select(AuditRow).where(AuditRow.action == "item.signed")).one()
        assert "Jane" not in str(vars(row))
        changed = FirstItem(**{**vars(item), "en": "Other words."})
        assert reviews_of(session, [changed]) == {}
    with pytest.raises(BadInput, match="already"):
        _sign(each_house, actor)


def test_a_signature_needs_a_name_a_qualification_and_the_present_version(house: House) -> None:
    actor = staff(house)
    for told in ({"reviewer": " "}, {"qualification": ""}):
        with pytest.raises(BadInput) as caught:
            _sign(house, actor, **told)
        assert list(caught.value.details["fields"]) == list(told)  # type: ignore[call-overload]
    with pytest.raises(BadInput, match="another version"):
        _sign(house, actor, version=7)


def test_only_staff_record_a_review(house: House) -> None:
    bring_firms(house)
    for actor in (
        VISITOR,
        member(house, "alpha"),
        Actor("e", frozenset({Role.EXPERT}), centre_id=staff(house).centre_id),
    ):
        with pytest.raises(NotAllowed):
            _sign(house, actor)
    with pytest.raises(NotFound), house.database.write() as session:
        sign_item(session, house.clock, staff(house), "fh.no.such", **NAMED)
