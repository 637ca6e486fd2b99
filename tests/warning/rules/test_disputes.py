"""Which of the disputes that were heard a record is about: what only stands beside one gives way to it."""

from __future__ import annotations

import pytest

from warning.rules.tagger import TagInput, load_rulebook, tag

RULEBOOK = load_rulebook()


def types(title: str, text: str = "", venue: str | None = None) -> set[str]:
    """The dispute types of one record."""
    return set(tag(TagInput("x", title, text, venue), RULEBOOK).dispute_types)


@pytest.mark.parametrize(
    ("title", "text", "wanted"),
    [
        # Invalidity as a defence, a counterclaim or a parallel action stands beside the infringement.
        ("甲公司诉乙公司侵犯发明专利权案一审判赔", "被告已请求宣告专利无效。", {"dt.patent_infringement"}),
        ("Landgericht bejaht Patentverletzung", "Eine Nichtigkeitsklage ist anhängig.", {"dt.patent_infringement"}),
        # What the title says is what the record is about, whatever its text adds.
        ("涉案专利被宣告无效", "原告曾起诉对方侵犯专利权。", {"dt.validity"}),
        # Both in the title: both.
        (
            "Patent infringement suit and inter partes review over the same pump",
            "",
            {"dt.patent_infringement", "dt.validity"},
        ),
        # No infringement beside it: it stays.
        ("Inter partes review of a pump patent", "", {"dt.validity"}),
        # A refused licence stands beside the infringement.
        ("Patent infringement: maker of pumps sued", "A licence agreement was refused.", {"dt.patent_infringement"}),
        # Listings that an order took down.
        ("卖家收到临时限制令", "亚马逊链接下架,店铺资金被冻结。", {"dt.tro_schedule_a"}),
        ("亚马逊链接下架", "平台投诉之后商品下架。", {"dt.platform_complaint"}),
    ],
)  # fmt: skip
def test_what_stands_beside_a_dispute_gives_way(title: str, text: str, wanted: set[str]) -> None:
    assert types(title, text) == wanted


def test_goods_stopped_by_customs_are_told_as_that_and_name_the_right() -> None:
    record = TagInput(
        "x", "Zoll beschlagnahmt gefälschte Markenuhren", "Das Hauptzollamt hält zwei Sendungen an."
    )
    result = tag(record, RULEBOOK)
    assert result.dispute_types == ("dt.customs",)
    assert result.ip_rights == ("trademark",)


def test_a_court_asked_about_goods_at_customs_decides_on_the_infringement_too() -> None:
    said = types("Trademark infringement by watches detained by customs", "", "Landgericht München I")
    assert said == {"dt.customs", "dt.trademark_infringement"}


@pytest.mark.parametrize(
    "title", ["甲公司向ITC申请337调查:侵犯其专利", "ITC section 337 investigation into patent infringement"]
)
def test_a_section_337_investigation_is_the_dispute_even_where_its_title_names_the_infringement(
    title: str,
) -> None:
    assert types(title) == {"dt.section_337"}


def test_a_suit_over_a_utility_model_is_about_no_other_patent() -> None:
    record = TagInput("x", "侵犯实用新型专利被判赔偿", "法院认定被告侵犯一项实用新型专利。")
    result = tag(record, RULEBOOK)
    assert result.dispute_types == ("dt.patent_infringement",)
    assert result.ip_rights == ("utility_model",)
