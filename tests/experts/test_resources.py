"""The resource directory: the seed, what staff edit, what is to be checked again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from cases.taxonomy import load_taxonomy
from core.actor import VISITOR, Actor, Role
from core.audit import AuditRow
from core.clock import FixedClock
from core.errors import BadInput, NotAllowed, NotFound, StaleWrite
from experts.resources import directory
from experts.resources.directory import Sought, bring_seed, is_stale, list_institutions, read_seed
from experts.resources.kinds import KINDS, SERVICES, STALE_DAYS
from experts.resources.models import Institution
from house import House
from tests.factories import keeper, staff

TOLD = {
    "name_zh": "示例调解中心", "kind": "mediation", "region": "SG", "services": ["mediation"], "does_zh": "调解。",
    "source": "https://example.org/about",
}  # fmt: skip


def test_the_seed_holds_facts_in_the_words_of_the_directory() -> None:
    rows = read_seed()
    assert len({row["ref"] for row in rows}) == len(rows)
    assert {
        "national_centre",
        "branch_centre",
        "ccpit",
        "mediation",
        "arbitration",
        "customs",
        "insurer",
    } <= {row["kind"] for row in rows}
    for row in rows:
        assert row["kind"] in KINDS, row["ref"]
        assert row["region"] in {"CN", *load_taxonomy().extra["by_code"]}, row["ref"]
        assert set(row["services"]) <= set(SERVICES), row["ref"]
        assert row["does_zh"] and row["does_en"] and row["name_en"], row["ref"]
        assert ("checked_on" in row) == ("source" in row), "checked is what was compared with a source"
        for address in (row.get("url"), row.get("source")):
            assert address is None or address.startswith(("http://", "https://")), row["ref"]


def seed(house: House) -> int:
    actor = keeper(house)
    assert actor.centre_id is not None
    with house.database.write() as session:
        return bring_seed(session, house.clock, actor, actor.centre_id)


def find(house: House, actor: Actor = VISITOR, **sought: object) -> list[Institution]:
    with house.database.read() as session:
        today = house.clock.now().date()
        return list(list_institutions(session, actor, Sought(**sought), today, limit=100))  # type: ignore[arg-type]


def test_the_seed_comes_once_and_leaves_what_staff_wrote(each_house: House) -> None:
    house, me = each_house, staff(each_house)
    assert seed(house) == len(read_seed())
    assert seed(house) == 0
    customs = next(row for row in find(house, kind="customs") if row.ref == "gacc")
    with house.database.write() as session:
        told = {name: getattr(customs, name) for name in directory.FIELDS} | {
            "source": "https://example.org/",
            "phone": "1",
        }
        directory.write_institution(
            session, house.clock, me, told, institution_id=customs.id, seen_version=customs.version
        )
    assert seed(house) == 0
    assert next(row for row in find(house, kind="customs") if row.ref == "gacc").phone == "1"


def test_search_and_filters_find_by_words_kind_region_and_service(each_house: House) -> None:
    seed(each_house)
    assert [row.ref for row in find(each_house, text="WIPO Shanghai")] == ["wipo-shanghai"]
    assert {row.ref for row in find(each_house, service="domain_names")} == {"wipo-amc", "hkiac", "jipac"}
    assert [row.ref for row in find(each_house, region="HK", kind="customs")] == ["hk-customs"]
    assert find(each_house, text="100%_") == []


def test_what_nobody_checked_for_half_a_year_is_flagged(house: House) -> None:
    seed(house)
    clock, me = house.clock, staff(house)
    assert isinstance(clock, FixedClock)
    with house.database.write() as session:
        made = directory.write_institution(session, clock, me, TOLD)
    today = clock.now().date()
    assert not is_stale(made, today + timedelta(days=STALE_DAYS))
    assert is_stale(made, today + timedelta(days=STALE_DAYS + 1))
    stale = {row.ref for row in find(house, me, only_stale=True)}
    assert stale >= {row["ref"] for row in read_seed() if "checked_on" not in row}
    assert made.ref not in stale
    clock.advance(timedelta(days=STALE_DAYS + 1))
    assert made.ref in {row.ref for row in find(house, me, only_stale=True)}
    with house.database.write() as session:
        directory.mark_checked(session, clock, me, made.id, seen_version=made.version)
    assert made.ref not in {row.ref for row in find(house, me, only_stale=True)}


@pytest.mark.parametrize("gap", ["name_zh", "kind", "region", "does_zh", "source"])
def test_an_entry_without_a_source_or_a_name_is_refused(house: House, gap: str) -> None:
    with house.database.write() as session, pytest.raises(BadInput) as refused:
        directory.write_institution(session, house.clock, staff(house), {**TOLD, gap: ""})
    assert gap in refused.value.details["fields"]


def test_only_the_centres_staff_keep_its_directory_and_every_act_is_audited(house: House) -> None:
    seed(house)
    me, other = staff(house), staff(house, "other")
    one = find(house)[0]
    firm = Actor("user:f", frozenset({Role.FIRM_MEMBER}), centre_id=me.centre_id)
    for actor, error in ((VISITOR, NotAllowed), (firm, NotAllowed), (other, NotFound)):
        with house.database.write() as session, pytest.raises(error):
            directory.mark_checked(session, house.clock, actor, one.id, seen_version=one.version)
    with house.database.write() as session, pytest.raises(StaleWrite):
        directory.mark_checked(session, house.clock, me, one.id, seen_version=99)
    with house.database.write() as session:
        directory.set_retired(session, house.clock, me, one.id, is_retired=True, seen_version=one.version)
    assert one.ref not in {row.ref for row in find(house)}
    assert one.ref in {row.ref for row in find(house, me)}
    with house.database.read() as session:
        acts = set(session.scalars(select(AuditRow.action).where(AuditRow.subject == "institution")))
    assert acts == {"institution.retired"}
