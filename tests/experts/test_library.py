"""The libraries through their services, on both databases: imports, who sees what, search, status."""

from __future__ import annotations

import io
import json
import uuid
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from core.actor import VISITOR, Actor, Role
from core.audit import AuditRow
from core.errors import BadInput, NotAllowed, NotFound, StaleWrite, TransitionRefused
from core.outbox import OutboxRow
from core.workflow import Workflow
from enterprises.importing import TableReport
from experts.importing import as_csv, as_jsonl, import_agencies, import_experts
from experts.library import Wanted, change_status, count_entries, get_entry, list_entries, marks_in_use
from experts.models import ENTRY_STATUS, Agency, Expert
from house import House
from tests.experts.making import EXPERT
from tests.factories import keeper, staff

AGENCY: dict[str, Any] = {
    "id": "a1",
    "name": "示例律所",
    "class": "ag.law_foreign",
    "status": "active",
    "verified": True,
    "offices": [{"region": "US", "address": "1 Example Street"}],
    "languages": ["en", "zh"],
    "clients": [{"name": "Secret Client Corp.", "role": "client"}],
    "fees": {"currency": "USD", "from": 30000, "to": 60000, "note": "hourly"},
}


def _lines(*rows: dict[str, Any]) -> bytes:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


def bring(
    house: House, *rows: dict[str, Any], actor: Actor | None = None, dry_run: bool = False
) -> TableReport:
    told = [{**EXPERT, **row} for row in rows]
    return import_experts(
        house.database, house.clock, actor or keeper(house), "e.jsonl", _lines(*told), dry_run=dry_run
    )


def one(house: House, ref: str = "e1") -> Expert:
    with house.database.read() as session:
        return session.scalars(select(Expert).where(Expert.ref == ref)).one()


def _refs(house: House, actor: Actor, wanted: Wanted | None = None) -> list[str]:
    with house.database.read() as session:
        return sorted(e.ref for e in list_entries(session, actor, Expert, wanted).rows)


def test_an_expert_comes_in_and_goes_out_in_the_same_shape(each_house: House) -> None:
    assert bring(each_house, {}).created == 1
    entry = one(each_house)
    assert (entry.name_zh, entry.expert_class, entry.version) == ("示例专家·甲", "ec.litigator", 1)
    told = json.loads(next(as_jsonl([entry])))
    for field in (
        "id",
        "class",
        "status",
        "verified",
        "languages",
        "industries",
        "cases",
        "capacity",
        "feedback",
    ):
        assert told[field] == EXPERT[field], field
    assert bring(each_house, {}).unchanged == 1
    table = "".join(as_csv(Expert, [entry])).encode()
    again = import_experts(each_house.database, each_house.clock, keeper(each_house), "e.csv", table)
    assert (again.unchanged, again.errors) == (1, [])


def test_an_agency_comes_in_and_goes_out_in_the_same_shape(each_house: House) -> None:
    actor = keeper(each_house)
    bring_one = (each_house.database, each_house.clock, actor)
    assert import_agencies(*bring_one, "a.jsonl", _lines(AGENCY)).created == 1
    with each_house.database.read() as session:
        entry = session.scalars(select(Agency)).one()
    assert import_agencies(*bring_one, "a.jsonl", "".join(as_jsonl([entry])).encode()).unchanged == 1
    table = import_agencies(*bring_one, "a.csv", "".join(as_csv(Agency, [entry])).encode())
    assert (table.unchanged, table.errors) == (1, [])


def test_a_table_of_cells_is_read_and_a_column_that_is_not_there_leaves_what_it_was(
    each_house: House,
) -> None:
    header = "id,name,class,languages,admissions,cases,clients,verified\n"
    row = (
        "t1,示例专家·乙,patent_attorney,zh;de,DE|Patentanwalt|2015-01-01|;v.epo|EPA||,"
        "v.epo|dt.validity|ind.biopharma|2024-05-06|lead|Quiet Ltd|Loud Ltd,Quiet Ltd|client|2020-01-01|,true\n"
    )
    actor = keeper(each_house)
    report = import_experts(each_house.database, each_house.clock, actor, "t.csv", (header + row).encode())
    assert report.errors == []
    entry = one(each_house, "t1")
    assert entry.admissions == [
        {"region": "DE", "qualification": "Patentanwalt", "from": "2015-01-01", "to": None},
        {"venue": "v.epo", "qualification": "EPA", "from": None, "to": None},
    ]
    assert entry.cases[0]["opponent"] == "Loud Ltd"
    short = "id,name,class,bio\nt1,示例专家·乙,ec.patent_attorney,新的简介\n".encode()
    assert import_experts(each_house.database, each_house.clock, actor, "t.csv", short).changed == 1
    entry = one(each_house, "t1")
    assert (entry.bio, entry.languages, entry.version) == ("新的简介", ["zh", "de"], 2)


def test_a_workbook_is_read_too(house: House) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["id", "name", "class", "languages", "capacity", "available"])
    book.active.append([7, "示例专家·丙", "ec.technical", "zh;en", 5, False])
    out = io.BytesIO()
    book.save(out)
    report = import_experts(house.database, house.clock, keeper(house), "e.xlsx", out.getvalue())
    assert report.errors == []
    entry = one(house, "7")
    assert (entry.languages, entry.capacity, entry.available) == (["zh", "en"], 5, False)


BAD: list[tuple[dict[str, Any], str]] = [
    ({"class": "ec.wizard"}, "class"),
    ({"status": "asleep"}, "status"),
    ({"languages": ["English"]}, "languages"),
    ({"industries": ["ind.nothing"]}, "industries"),
    ({"dispute_types": ["dt.nothing"]}, "dispute_types"),
    ({"admissions": [{"region": "Atlantis"}]}, "admissions"),
    ({"admissions": [{"venue": "v.us.itc", "from": "2020-01-01", "to": "2019-01-01"}]}, "admissions"),
    ({"admissions": ["US|bar|yesterday|"]}, "admissions"),
    ({"cases": [{"venue": "v.nowhere"}]}, "cases"),
    ({"cases": [{"venue": "v.us.itc", "role": "chief"}]}, "cases"),
    ({"cases": ["a|b|c|d|e|f|g|h"]}, "cases"),
    ({"clients": [{"role": "client"}]}, "clients"),
    ({"clients": [{"name": "X", "role": "friend"}]}, "clients"),
    ({"clients": 5}, "clients"),
    ({"capacity": -1}, "capacity"),
    ({"capacity": "many"}, "capacity"),
    ({"feedback": {"mean": 9, "n": 1}}, "feedback"),
    ({"visibility": {"clients": "public"}}, "visibility"),
    ({"visibility": "cases=everyone"}, "visibility"),
    ({"name": ""}, "name"),
]


@pytest.mark.parametrize(
    ("change", "column"), BAD, ids=[f"{n}-{column}" for n, (_, column) in enumerate(BAD)]
)
def test_a_bad_row_is_named_with_its_number_and_column_and_the_others_are_kept(
    house: House, change: dict[str, Any], column: str
) -> None:
    report = bring(house, {"id": "good"}, {"id": "bad", **change}, {"id": "fine"})
    assert {(e.row, e.column) for e in report.errors} == {(2, column)}
    assert all(e.message for e in report.errors)
    assert (report.rows, report.created, report.refused_rows) == (3, 2, 1)


def test_a_key_that_stands_twice_is_refused_the_second_time(house: House) -> None:
    report = bring(house, {"id": "x"}, {"id": "x", "bio": "other"})
    assert [(e.row, e.column) for e in report.errors] == [(2, "id")]
    assert one(house, "x").bio == ""


def test_a_file_never_changes_a_status(each_house: House) -> None:
    bring(each_house, {})
    report = bring(each_house, {"status": "removed", "bio": "x"})
    assert [(e.row, e.column) for e in report.errors] == [(1, "status")]
    assert (one(each_house).status, one(each_house).bio) == ("active", "")


def test_a_dry_run_counts_the_same_and_keeps_nothing(each_house: House) -> None:
    dry = bring(each_house, {}, {"id": "e2"}, {"id": "e3", "class": "x"}, dry_run=True)
    with each_house.database.read() as session:
        assert session.scalar(select(func.count(Expert.id))) == 0
        assert session.scalar(select(func.count(OutboxRow.id))) == 0
    wet = bring(each_house, {}, {"id": "e2"}, {"id": "e3", "class": "x"})
    assert (dry.rows, dry.created, dry.errors) == (wet.rows, wet.created, wet.errors)


def test_what_changed_is_told_and_audited_without_personal_values(each_house: House) -> None:
    bring(each_house, {})
    bring(each_house, {"bio": "a new word"})
    with each_house.database.read() as session:
        told = session.scalars(select(OutboxRow).where(OutboxRow.topic == "expert.changed")).all()
        rows = session.scalars(select(AuditRow).where(AuditRow.action == "expert.imported")).all()
    assert [row.payload["created"] for row in told] == [True, False]
    assert rows[-1].fields == ["bio"]
    assert "Quiet Harbour" not in str([vars(row) for row in rows])


@pytest.mark.parametrize(
    "roles", [frozenset(), frozenset({Role.ADMIN}), frozenset({Role.FIRM_MEMBER}), frozenset({Role.EXPERT})]
)
def test_only_staff_keep_the_library(house: House, roles: frozenset[Role]) -> None:
    bring(house, {})
    actor = Actor("x", roles, centre_id=keeper(house).centre_id)
    with pytest.raises(NotAllowed):
        bring(house, {"id": "e2"}, actor=actor)
    with house.database.write() as session, pytest.raises(NotAllowed):
        change_status(
            session, house.clock, actor, Expert, one(house).id, "suspend", seen_version=1, reason="x"
        )


def test_a_file_without_a_needed_column_changes_nothing(house: House) -> None:
    with pytest.raises(BadInput, match="has no column class"):
        import_experts(house.database, house.clock, keeper(house), "e.csv", b"id,name\n1,x\n")


def test_everybody_sees_active_verified_entries_and_staff_the_whole_library(each_house: House) -> None:
    bring(each_house, {}, {"id": "e2", "verified": False}, {"id": "e3", "status": "suspended"})
    bring(each_house, {"id": "o1"}, actor=keeper(each_house, "other"))
    own = Actor(
        "x", frozenset({Role.EXPERT}), keeper(each_house).centre_id, expert_id=one(each_house, "e3").id
    )
    member = Actor("m", frozenset({Role.FIRM_MEMBER}), keeper(each_house).centre_id, firm_id=uuid.uuid4())
    assert _refs(each_house, staff(each_house)) == ["e1", "e2", "e3"]
    assert _refs(each_house, staff(each_house, "other")) == ["o1"]
    assert _refs(each_house, member) == ["e1"]
    assert _refs(each_house, own) == ["e1", "e3"]
    assert _refs(each_house, VISITOR) == ["e1", "o1"]
    for actor in (VISITOR, member, staff(each_house, "other")):
        with each_house.database.read() as session, pytest.raises(NotFound):
            get_entry(session, actor, Expert, one(each_house, "e3").id)


def test_entries_are_found_by_marks_and_words_exactly(each_house: House) -> None:
    bring(
        each_house,
        {"id": "us", "bio": "芯片诉讼 chips"},
        {"id": "de", "name": "示例专家·乙", "languages": ["de-AT", "zh"], "industries": ["ind.biopharma"], "cases": [],
         "admissions": [{"venue": "v.de.lg", "qualification": "Rechtsanwalt", "from": None, "to": None}]},
    )  # fmt: skip
    actor = staff(each_house)

    def found(text: str = "", *marks: str) -> list[str]:
        return _refs(each_house, actor, Wanted(text, marks))

    assert found("", "region:US") == ["us"]
    assert found("", "region:DE") == ["de"], "a venue's region counts"
    assert found("", "language:de") == ["de"]
    assert found("", "qualification:Rechtsanwalt") == ["de"]
    assert found("", "industry:ind.biopharma", "region:DE") == ["de"]
    assert found("", "industry:ind.biopharma", "region:US") == []
    assert found("", "region:U") == found("", "region:%") == found("", "region:' OR 1=1 --") == []
    assert found("芯片") == found("CHIPS") == ["us"]
    assert found("chips 芯片") == ["us"]
    assert found("%") == found("_") == []
    with each_house.database.read() as session:
        assert count_entries(session, actor, Expert, Wanted("", ("region:US",))) == 1
        assert marks_in_use(session, actor, Expert)["region"] == ["DE", "US"]


def test_marks_follow_a_change(each_house: House) -> None:
    bring(each_house, {})
    bring(each_house, {"languages": ["zh", "ja"]})
    assert _refs(each_house, VISITOR, Wanted("", ("language:ja",))) == ["e1"]
    assert _refs(each_house, VISITOR, Wanted("", ("language:en",))) == []


def test_words_of_a_profile_that_is_not_public_find_nobody_for_the_public(each_house: House) -> None:
    bring(each_house, {"bio": "unspoken word", "visibility": {"bio": "staff"}})
    assert _refs(each_house, VISITOR, Wanted("unspoken")) == []
    assert _refs(each_house, staff(each_house), Wanted("unspoken")) == ["e1"]


def test_pages_go_on_where_the_last_one_ended(each_house: House) -> None:
    bring(each_house, *({"id": f"p{n:02d}", "name": f"示例{n // 2}"} for n in range(9)))
    seen: list[str] = []
    cursor = None
    while True:
        with each_house.database.read() as session:
            page = list_entries(session, VISITOR, Expert, cursor=cursor, limit=2)
        seen += [entry.ref for entry in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(seen) == [f"p{n:02d}" for n in range(9)]


def _step(house: House, step: str, version: int, reason: str = "") -> Expert:
    with house.database.write() as session:
        return change_status(
            session,
            house.clock,
            staff(house),
            Expert,
            one(house).id,
            step,
            seen_version=version,
            reason=reason,
        )


def test_a_status_moves_by_its_steps_with_a_reason_and_is_audited(each_house: House) -> None:
    bring(each_house, {})
    assert _step(each_house, "suspend", 1, "complaint under way").status == "suspended"
    assert one(each_house).status_note == "complaint under way"
    assert _refs(each_house, VISITOR) == []
    assert _step(each_house, "resume", 2).status == "active"
    assert _step(each_house, "end_term", 3).status == "term_end"
    assert _step(each_house, "renew", 4).status == "active"
    assert _step(each_house, "remove", 5, "forged credentials").status == "removed"
    with pytest.raises(TransitionRefused):
        _step(each_house, "resume", 6)
    with each_house.database.read() as session:
        acts = session.scalars(select(AuditRow.action).order_by(AuditRow.id)).all()
    assert [a for a in acts if a != "expert.imported"] == [
        "expert.suspend", "expert.resume", "expert.end_term", "expert.renew", "expert.remove",
    ]  # fmt: skip


@pytest.mark.parametrize("step", ["suspend", "remove"])
def test_a_suspension_or_removal_says_why(house: House, step: str) -> None:
    bring(house, {})
    with pytest.raises(BadInput, match="why"):
        _step(house, step, 1, "  ")
    assert one(house).status == "active"


def test_a_step_on_an_entry_that_changed_meanwhile_is_refused(each_house: House) -> None:
    bring(each_house, {})
    bring(each_house, {"bio": "x"})
    with pytest.raises(StaleWrite):
        _step(each_house, "exit", 1)


def test_nobody_comes_back_from_an_exit_or_a_removal() -> None:
    workflow: Workflow = ENTRY_STATUS
    left = {step.name for step in workflow.steps if step.sources & {"exited", "removed"}}
    assert left == set()
