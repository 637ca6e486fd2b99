"""What of a case is searched, by whom, and under which words."""

from __future__ import annotations

import uuid

from sqlalchemy import delete, select

from cases.documents import case_ids, load_documents
from cases.facts import RawParty
from cases.models import Case
from house import House
from search.port import Document, Removal
from tests.factories import drain, origin, raw_case, record


def _documents(house: House, ids: list[str] | None = None) -> list[Document | Removal]:
    with house.database.read() as session:
        return list(load_documents(session, ids if ids is not None else list(case_ids(session))))


def test_a_public_case_is_for_everybody_and_the_others_for_staff(each_house: House) -> None:
    for n, status in enumerate(("public", "candidate", "dismissed")):
        case = record(each_house, raw_case(f"2:26-cv-0010{n}"))
        with each_house.database.write() as session:
            session.get_one(Case, case.case_id).status = status
    audiences = {d.stored["status"]: d.audience for d in _documents(each_house) if isinstance(d, Document)}
    assert audiences == {
        "public": frozenset({"public"}),
        "candidate": frozenset({"staff"}),
        "dismissed": frozenset({"staff"}),
    }


def test_a_document_carries_what_people_search_by(each_house: House) -> None:
    case = record(each_house, raw_case(title="Drone patents"))
    drain(each_house)
    (document,) = _documents(each_house)
    assert isinstance(document, Document)
    assert document.id == str(case.case_id)
    assert document.text["docket_number"] == "2:26-cv-00011"
    assert "Hailan Drone Technology Co., Ltd." in document.text["parties"]
    assert "COMPLAINT against the defendant" in document.text["body"]
    assert "E.D. Texas" in document.text["labels"] and "得克萨斯东区" in document.text["labels"]
    assert document.facets["region"] == ("cty.us",) or document.facets["region"] == ("US",)
    assert document.facets["source"] == ("us_pacer_rss",)
    assert document.facets["status"] == ("public",)
    assert document.on is not None


def test_a_list_gets_one_forum_and_its_tags(each_house: House) -> None:
    record(each_house, raw_case())
    drain(each_house)
    (document,) = _documents(each_house)
    assert isinstance(document, Document)
    assert document.stored["venue"] == "v.us.txed"
    assert isinstance(document.stored["region"], list)
    assert document.stored["latest_on"] == "2026-02-02"


def test_a_version_grows_with_every_change_so_that_replays_are_harmless(each_house: House) -> None:
    record(each_house, raw_case())
    drain(each_house)
    (before,) = _documents(each_house)
    record(each_house, raw_case(title="New"), origin(each_house))
    drain(each_house)
    (after,) = _documents(each_house)
    assert isinstance(before, Document) and isinstance(after, Document)
    assert after.version > before.version


def test_a_case_that_is_gone_is_removed(each_house: House) -> None:
    case = record(each_house, raw_case())
    with each_house.database.write() as session:
        session.execute(delete(Case))
    gone = str(uuid.uuid4())
    assert _documents(each_house, [str(case.case_id), gone]) == [
        Removal("cases", str(case.case_id)),
        Removal("cases", gone),
    ]


def test_a_huge_docket_is_cut_before_the_index(each_house: House) -> None:
    record(
        each_house, raw_case(text="x" * 300_000, parties=tuple(RawParty(f"P{n}", "party") for n in range(40)))
    )
    (document,) = _documents(each_house)
    assert isinstance(document, Document)
    assert len(document.text["body"]) == 200_000
    assert len(document.stored["parties"]) == 12
    assert "P39" in document.text["parties"]


def test_ids_are_streamed_in_order(each_house: House) -> None:
    for n in range(5):
        record(each_house, raw_case(f"2:26-cv-0020{n}"))
    with each_house.database.read() as session:
        ids = list(case_ids(session))
        assert ids == sorted(ids) == [str(i) for i in session.scalars(select(Case.id).order_by(Case.id))]
