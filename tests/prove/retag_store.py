"""A store of many cases for the proof of a retag: written in bulk, tagged by the shipped book, found through the index."""

from __future__ import annotations

import random
from datetime import date, timedelta

from sqlalchemy import insert

from cases.identity import docket_key
from cases.models import Case, CaseAlias, CaseStatus, Party, Tag
from cases.parties.keys import is_organisation, key_of
from core.db import new_id
from house import House
from tests.warning.rule_world import WORD
from warning.understand import told_by

_ACTS = (
    "Complaint for patent infringement",
    "Complaint for trademark infringement and unfair competition",
    "Petition for inter partes review",
    "Complaint for misappropriation of trade secrets",
    "Notice of a lawsuit over copyright in software",
)
_GOODS = (
    "lithium batteries for electric vehicles", "unmanned aerial vehicles", "memory chips", "a vaccine composition",
    "LED lamps", "solar cells", "running shoes", "robot vacuum cleaners", "a semiconductor package", "office chairs",
)  # fmt: skip
#: one case in so many has the new word
ONE_IN = 20
_BATCH = 1000


def fill(house: House, count: int, *, seed: int = 7) -> int:
    """Write ``count`` public cases, as they would stand had they been told long ago; returns how many have the word."""
    chance = random.Random(seed)
    with_word = 0
    for start in range(0, count, _BATCH):
        cases: list[Case] = []
        for number in range(start, min(count, start + _BATCH)):
            has_word = chance.randrange(ONE_IN) == 0
            with_word += has_word
            cases.append(_case(chance, number, has_word))
        _write(house, cases)
    return with_word


def _case(chance: random.Random, number: int, has_word: bool) -> Case:
    goods = chance.sample(_GOODS, 2)
    if has_word:
        goods[0] = f"a {WORD}"
    text = (
        f"{chance.choice(_ACTS)}. The accused products are {goods[0]} and {goods[1]}, imported since "
        f"{chance.randint(2015, 2025)}. Plaintiff asks for an injunction and damages. U.S. Patent No. "
        f"{chance.randint(7, 11)},{chance.randint(100, 999)},{chance.randint(100, 999)}."
    )
    who, whom = f"Right Holder {number % 997} Inc.", f"Maker {number % 4999} Technology Co., Ltd."
    day = date(2024, 1, 1) + timedelta(days=number % 700)
    case_id = new_id()
    parties = [
        Party(
            id=new_id(), case_id=case_id, key=f"{role}:{name.casefold()}", name=name, role=role, who=key_of(name),
            is_organisation=is_organisation(name), position=place, since=1,
        )
        for place, (name, role) in enumerate([(who, "plaintiff"), (whom, "defendant")])
    ]  # fmt: skip
    return Case(
        id=case_id, venue="v.us.txed", docket_number=f"2:24-cv-{number:06d}", caption=f"{who} v. {whom}", title="",
        text=text, url="", language="en", filed_on=day, latest_on=day, codes={}, rights=[], provenance={},
        status=CaseStatus.PUBLIC.value, public_since=1, is_sample=False, version=1, parties=parties,
    )  # fmt: skip


def _write(house: House, cases: list[Case]) -> None:
    now = house.clock.now()
    rows: dict[type, list[dict[str, object]]] = {Case: [], CaseAlias: [], Party: [], Tag: []}
    with house.database.read() as session:
        book = house.shelf.current(session)
    for case in cases:
        told = told_by(case, book)
        rows[Case].append({**_columns(case), "created_at": now, "updated_at": now})
        rows[CaseAlias].append(
            {"venue": case.venue, "key": docket_key(case.venue, case.docket_number), "case_id": case.id}
        )
        rows[Party] += [_columns(party) for party in case.parties]
        rows[Tag] += [{**_columns(tag), "case_id": case.id} for tag in told]
    with house.database.write() as session:
        for table, values in rows.items():
            session.execute(insert(table), values)


def _columns(row: object) -> dict[str, object]:
    table = type(row).__table__  # type: ignore[attr-defined]
    return {c.name: getattr(row, c.name) for c in table.columns if c.name in row.__dict__}
