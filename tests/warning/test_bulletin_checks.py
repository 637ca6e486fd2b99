"""The check for secrets and rights: every line declared and kept, and no long piece of a source repeated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from core.audit import AuditRow
from core.errors import BadInput
from house import House
from tests.factories import bring_firms
from tests.warning.bulletin_world import Desk, a_case
from warning.bulletin_checks import DECLARATIONS, QUOTED, as_kept, longest_repeat
from warning.bulletins import get_bulletin

#: no piece of it of three words comes twice
SOURCE = " ".join(f"word{n} number{n * 7}" for n in range(120))


@pytest.mark.parametrize("left_out", list(DECLARATIONS))
def test_a_bulletin_is_approved_only_with_every_declaration(house: House, left_out: str) -> None:
    desk = Desk(house).bring_to("in_review")
    with pytest.raises(BadInput) as caught:
        desk.approve(declared=[key for key in DECLARATIONS if key != left_out])
    assert set(caught.value.details["fields"]) == {f"declared-{left_out}"}  # type: ignore[call-overload]
    assert desk.now.state == "in_review"


def test_what_was_declared_is_kept_with_the_act_and_in_the_audit(each_house: House) -> None:
    desk = Desk(each_house).publish()
    with each_house.database.read() as session:
        acts = get_bulletin(session, desk.signer, desk.id).acts
        assert {act.step: act.details for act in acts if act.details} == {"approve": as_kept(DECLARATIONS)}
        kept = next(act.details for act in acts if act.details)
        assert kept["declared"]["state_secret"]["zh"] == "不含国家秘密"
        audited = session.scalars(select(AuditRow).where(AuditRow.action == "bulletin.approve")).one()
        assert set(audited.fields) == {"sources", "declared"}


def test_a_part_that_repeats_too_much_of_the_docket_is_not_approved(house: House) -> None:
    bring_firms(house)
    desk = Desk(house, a_case(house, text=SOURCE))
    rows = desk.now.content["paragraphs"]
    mine = {"id": "new-risk", "section": "risk", "type": "analysis", "sources": [], "zh": "原文照录。"}
    desk.edit(paragraphs=(*_plain(rows), {**mine, "en": "They say: " + SOURCE[50 : 50 + QUOTED + 1]}))
    desk.submit()
    with pytest.raises(BadInput) as caught:
        desk.approve()
    (problem,) = caught.value.details["fields"]["declared-quotation"]  # type: ignore[index]
    assert f"repeats {QUOTED + 1} signs" in problem
    desk.send_back()
    last = desk.now.content["paragraphs"][-1]
    desk.edit(paragraphs=(*_plain(rows), {**last, "sources": [], "en": SOURCE[50 : 50 + QUOTED]}))
    desk.submit()
    assert desk.approve().state == "approved"


def _plain(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{**row, "sources": [ref["source"] for ref in row["sources"]]} for row in rows]  # type: ignore[attr-defined]


@given(st.data())
def test_a_repeat_of_the_limit_is_found_wherever_it_stands(data: st.DataObject) -> None:
    source = data.draw(st.text("abc \n", min_size=40, max_size=80))
    before, after = data.draw(st.text("xyz", max_size=30)), data.draw(st.text("xyz", max_size=30))
    plain = " ".join(source.split())
    start = data.draw(st.integers(0, max(len(plain) - 20, 0)))
    piece = plain[start : start + 20].strip()
    found = longest_repeat(before + piece + after, source, least=8)
    assert found >= len(piece) if len(piece) >= 16 else found >= 0
    assert longest_repeat("", source) == longest_repeat("q" * 500, source) == 0
