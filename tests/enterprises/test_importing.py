"""Firms from a file, as the service sees them, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from core.actor import Actor, Role
from core.audit import AuditRow
from core.errors import BadInput, NotAllowed
from core.outbox import OutboxRow
from core.said import Said
from enterprises.importing import import_firms
from enterprises.models import Firm, FirmName
from enterprises.service import list_firms
from house import House
from tests.factories import FIRMS, bring_firms, keeper, staff


def _firm(house: House, ref: str) -> tuple[Firm, set[tuple[str, str]]]:
    with house.database.read() as session:
        firm = session.scalars(select(Firm).where(Firm.ref == ref)).one()
        names = session.execute(select(FirmName.kind, FirmName.name).where(FirmName.firm_id == firm.id))
        return firm, {(kind, name) for kind, name in names}


def _count(house: House, table: type) -> int:
    with house.database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_many_rows_make_one_firm_with_all_its_names(each_house: House) -> None:
    report = bring_firms(each_house)
    assert (report.rows, report.firms, report.created, report.errors) == (4, 2, 2, [])
    firm, names = _firm(each_house, "alpha")
    assert (firm.name_zh, firm.name_en, firm.is_local, firm.version) == (
        "海岚无人机科技股份有限公司",
        "Hailan Drone Technology Co. Ltd.",
        True,
        1,
    )
    assert names == {("legal_zh", firm.name_zh), ("legal_en", firm.name_en)}


def test_the_same_file_again_changes_and_tells_nothing(each_house: House) -> None:
    bring_firms(each_house)
    before = _count(each_house, OutboxRow), _count(each_house, AuditRow)
    report = bring_firms(each_house)
    assert (report.unchanged, report.created, report.changed) == (2, 0, 0)
    assert (_count(each_house, OutboxRow), _count(each_house, AuditRow)) == before


def test_a_new_name_extends_its_firm_and_takes_nothing_away(each_house: House) -> None:
    bring_firms(each_house)
    report = bring_firms(each_house, "firm,name,kind\nalpha,Hailan,brand\n")
    assert (report.changed, report.created) == (1, 0)
    firm, names = _firm(each_house, "alpha")
    assert ("brand", "Hailan") in names
    assert len(names) == 3
    assert firm.version == 2


def test_a_row_that_does_not_say_where_a_firm_is_leaves_it(each_house: House) -> None:
    bring_firms(each_house, "firm,name,kind,is_local\nalpha,甲公司,legal_zh,false\nalpha,A Ltd,legal_en,\n")
    assert _firm(each_house, "alpha")[0].is_local is False
    assert bring_firms(each_house, "firm,name,kind\nalpha,甲公司,legal_zh\n").unchanged == 1


def test_a_dry_run_counts_the_same_and_keeps_nothing(each_house: House) -> None:
    actor, content = keeper(each_house), (FIRMS + "gamma,Only,brand\n").encode()
    dry = import_firms(each_house.database, each_house.clock, actor, "f.csv", content, dry_run=True)
    assert _count(each_house, Firm) == _count(each_house, OutboxRow) == 0
    wet = import_firms(each_house.database, each_house.clock, actor, "f.csv", content)
    assert (dry.rows, dry.created, dry.errors) == (wet.rows, wet.created, wet.errors)
    assert _count(each_house, Firm) == 2


def test_good_rows_are_kept_though_others_are_bad(each_house: House) -> None:
    report = bring_firms(each_house, FIRMS + "alpha,X,nickname\nbeta,,brand\n")
    assert [(e.row, e.column) for e in report.errors] == [(6, "kind"), (7, "name")]
    assert report.refused_rows == 2
    assert all(isinstance(e.message, Said) and len(e.message) > 20 for e in report.errors)
    assert report.created == 2


def test_names_are_cleaned_of_what_nobody_sees(each_house: House) -> None:
    bring_firms(
        each_house,
        "firm,name,kind\nalpha,\u200b海岚\u3000 无人机\u00ad,legal_zh\nalpha,Ha\u0301lan\x00,brand\n",
    )
    assert _firm(each_house, "alpha")[1] == {("legal_zh", "海岚 无人机"), ("brand", "Hálan")}


def test_thousands_of_firms_come_in_one_file(each_house: House) -> None:
    rows = "".join(f"f{n},第{n}号有限公司,legal_zh\n" for n in range(1700))
    assert bring_firms(each_house, "firm,name,kind\n" + rows).created == 1700
    assert bring_firms(each_house, "firm,name,kind\n" + rows).unchanged == 1700


def test_each_new_or_changed_firm_is_told_once(each_house: House) -> None:
    bring_firms(each_house)
    with each_house.database.read() as session:
        told = session.scalars(select(OutboxRow).where(OutboxRow.topic == "firm.changed")).all()
        rows = session.scalars(select(AuditRow).where(AuditRow.action == "firm.imported")).all()
    assert [row.payload for row in told] == [{"created": True}, {"created": True}]
    assert [row.fields for row in rows] == [["names"], ["names"]]
    assert "海岚" not in str([row.digests for row in rows])


def test_two_centres_keep_registers_of_their_own(each_house: House) -> None:
    bring_firms(each_house)
    other = keeper(each_house, "other")
    assert bring_firms(each_house, FIRMS, other).created == 2
    with each_house.database.read() as session:
        ours = list_firms(session, staff(each_house)).rows
        theirs = list_firms(session, staff(each_house, "other")).rows
    assert len(ours) == len(theirs) == 2
    assert not {f.id for f in ours} & {f.id for f in theirs}


@pytest.mark.parametrize("roles", [frozenset(), frozenset({Role.ADMIN}), frozenset({Role.FIRM_MEMBER})])
def test_only_staff_import(each_house: House, roles: frozenset[Role]) -> None:
    actor = Actor("x", roles, centre_id=keeper(each_house).centre_id)
    with pytest.raises(NotAllowed):
        bring_firms(each_house, FIRMS, actor)


def test_an_actor_without_a_centre_cannot_import(each_house: House) -> None:
    with pytest.raises(BadInput, match="centre"):
        bring_firms(each_house, FIRMS, Actor("x", frozenset({Role.STAFF})))


def test_a_file_of_another_shape_changes_nothing(each_house: House) -> None:
    with pytest.raises(BadInput, match="has no column kind"):
        bring_firms(each_house, "firm,name\nalpha,X\n")
    assert _count(each_house, Firm) == 0
