"""Terms written over the shipped taxonomy: what is read, what is refused, and what an id means afterwards."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cases.taxonomy import Stage, load_taxonomy, put_in_force, shipped_taxonomy
from cases.taxonomy.overlay import (
    TERM_KINDS,
    WrittenTerm,
    entries_of,
    overlaid,
    read_term,
    refuse_strange,
    term_of_entry,
    text_of,
)
from core.errors import RulebookInvalid
from tests.warning.vocabulary_world import NEXT, OLD, TERM, in_force, new_term, retired, shipped


def test_every_shipped_term_reads_back_from_its_own_text_and_changes_nothing() -> None:
    taxonomy = shipped_taxonomy()
    for kind in TERM_KINDS:
        for identity in entries_of(taxonomy, kind):
            term = term_of_entry(taxonomy, identity)
            assert term is not None and read_term(text_of(term)) == term
            if kind != "stage":
                assert entries_of(overlaid(taxonomy, [term], 0), kind) == entries_of(taxonomy, kind)


def test_a_rule_that_comes_with_a_term_keeps_its_layout() -> None:
    term = read_term(new_term())
    assert "    en: [zorblax]\n" in term.rule and text_of(term) == new_term()


def test_a_retired_term_means_its_successor_and_can_still_be_read() -> None:
    with in_force(retired(), new_term()):
        taxonomy = load_taxonomy()
        assert taxonomy.current(OLD) == NEXT and taxonomy.currents([OLD, NEXT]) == [NEXT]
        assert taxonomy.with_former(OLD) == taxonomy.with_former(NEXT) == (NEXT, OLD)
        assert taxonomy.label(OLD, "en") == shipped(OLD).en and not taxonomy.is_in_force(OLD)
        assert taxonomy.label(TERM, "zh") == "人形机器人" and taxonomy.is_in_force(TERM)
    assert load_taxonomy().current(OLD) == OLD


def test_a_chain_is_followed_to_its_end_and_a_dead_end_means_nothing() -> None:
    chain = [read_term(retired("ind.biopharma", OLD)), read_term(retired())]
    taxonomy = overlaid(shipped_taxonomy(), chain, 2)
    assert taxonomy.current("ind.biopharma") == NEXT
    assert set(taxonomy.with_former(NEXT)) == {NEXT, OLD, "ind.biopharma"}
    ends = overlaid(shipped_taxonomy(), [chain[0], read_term(retired(OLD, None))], 2)
    assert ends.gone == {"ind.biopharma": None, OLD: None} and ends.current(OLD) == OLD


def test_a_circle_is_refused() -> None:
    circle = [read_term(retired(OLD, NEXT)), read_term(retired(NEXT, OLD))]
    with pytest.raises(RulebookInvalid, match="replaced by itself"):
        overlaid(shipped_taxonomy(), circle, 2)


def test_a_stage_stands_where_it_was_put() -> None:
    told = WrittenTerm(
        "ps.test_hearing", "stage", "听证测试", "Test hearing", track="court", after="ps.service"
    )
    stages = overlaid(shipped_taxonomy(), [told], 1).stages
    court = [s.id for s in stages.values() if s.track == "court"]
    assert court.index("ps.test_hearing") == court.index("ps.service") + 1
    orders = [s.order for s in stages.values() if isinstance(s, Stage) and s.track == "court"]
    assert orders == list(range(len(orders)))


def test_an_alias_of_a_forum_leads_to_it() -> None:
    told = replace(shipped("v.us.itc"), aliases={"en": ("The Trade Commission of Test",)})
    taxonomy = overlaid(shipped_taxonomy(), [told], 1)
    found = taxonomy.venue_of("the trade commission of test")
    assert found is not None and found.id == "v.us.itc"


@pytest.mark.parametrize(
    ("term", "problem"),
    [
        (replace(shipped(OLD), replaced_by=OLD, is_retired=True), "not replaced by itself"),
        (replace(shipped(OLD), replaced_by="ind.nobody", is_retired=True), "does not exist"),
        (replace(shipped(OLD), replaced_by="dt.npe", is_retired=True), "does not exist"),
        (replace(shipped(OLD), zh=shipped(NEXT).zh), "has this name already"),
        (replace(shipped(OLD), rule="id: rule.x"), "rule editor"),
        (WrittenTerm("ind.Robots", "industry", "机器", "Robots"), "looks like"),
        (WrittenTerm("dt.robots", "industry", "机器", "Robots"), "looks like"),
        (WrittenTerm("damages", "outcome", "赔偿", "Paid"), "of another kind"),
        (WrittenTerm("patent", "remedy", "专利", "Patents"), "of another kind"),
        (WrittenTerm("v.us.nowhere", "venue", "某法院", "Some court"), "come with the program"),
        (replace(shipped("v.us.itc"), zh="别名"), "official name"),
        (replace(shipped("v.us.itc"), aliases={"en": ("Unified Patent Court",)}), "already"),
        (WrittenTerm("ps.x_stage", "stage", "某阶段", "Some stage", track="nowhere"), "no such track"),
        (
            WrittenTerm("ps.x_stage", "stage", "某阶段", "Some", track="court", after="ps.watch"),
            "of the same track",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_its_reason(term: WrittenTerm, problem: str) -> None:
    with pytest.raises(RulebookInvalid, match=problem):
        refuse_strange(shipped_taxonomy(), shipped_taxonomy(), term)


@pytest.mark.parametrize(
    "text",
    [
        "id: [",
        "- a list",
        "id: ind.x_y\nkind: industry\nzh: 甲\n",
        "id: ind.x_y\nkind: nothing\nzh: 甲\nen: A\n",
        "id: ind.x_y\nkind: industry\nzh: 甲\nen: A\nsecret: 1\n",
        "id: ind.x_y\nkind: industry\nzh: &a 甲\nen: *a\n",
        "id: dt.x_y\nkind: dispute_type\nzh: 甲\nen: A\nip_rights: [nothing]\n",
        "id: dt.x_y\nkind: dispute_type\nzh: 甲\nen: A\nbase_severity: 101\n",
        "id: v.us.itc\nkind: venue\nzh: 甲\nen: A\naliases: {fr: [la commission]}\n",
        "id: v.us.itc\nkind: venue\nzh: 甲\nen: A\naliases: {en: [a]}\n",
    ],
)
def test_a_text_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(RulebookInvalid):
        read_term(text)


def test_a_process_reads_one_vocabulary_until_told_otherwise() -> None:
    mine = overlaid(shipped_taxonomy(), [read_term(new_term())], 4)
    put_in_force(mine)
    assert load_taxonomy() is mine and load_taxonomy().version.endswith("+store@4")
    put_in_force(None)
    assert load_taxonomy() is shipped_taxonomy()
