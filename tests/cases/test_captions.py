"""Captions split into parties, in the languages of our sources."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.captions import in_re, split_caption, two_sides
from core.text import collapse


def told(caption: str) -> list[tuple[str, str]]:
    """(name, role) of each party."""
    return [(p.name, p.role) for p in split_caption(caption, "plaintiff", "defendant").parties]


@pytest.mark.parametrize(
    ("caption", "first", "second"),
    [
        ("Amphenol Corp. v. Luxshare Precision Industry Co., Ltd.", "Amphenol Corp.", "Luxshare Precision Industry Co., Ltd."),
        ("Foo Inc. vs Bar LLC", "Foo Inc.", "Bar LLC"),
        ("Foo Inc. -v- Bar LLC", "Foo Inc.", "Bar LLC"),
        ("FOO INC. VS. BAR LLC", "FOO INC.", "BAR LLC"),
        ("Foo Inc., et al. v. Bar LLC et al", "Foo Inc.", "Bar LLC"),
        ("Foo AG gegen Bar GmbH", "Foo AG", "Bar GmbH"),
        ("Foo AG ./. Bar GmbH", "Foo AG", "Bar GmbH"),
        ("Foo AG, Klägerin, gegen Bar GmbH u. a., Beklagte", "Foo AG", "Bar GmbH"),
        ("Foo SAS c/ Bar SARL", "Foo SAS", "Bar SARL"),
        ("原告甲乙科技有限公司诉被告丙丁电子有限公司侵害发明专利权纠纷", "甲乙科技有限公司", "丙丁电子有限公司"),
        ("甲乙科技有限公司诉丙丁电子有限公司侵害商标权纠纷案", "甲乙科技有限公司", "丙丁电子有限公司"),
        ("原告 甲乙株式会社 被告 丙丁株式会社", "甲乙株式会社", "丙丁株式会社"),
        ("原告:甲乙有限公司 被告:丙丁有限公司等3家公司", "甲乙有限公司", "丙丁有限公司"),
    ],
)  # fmt: skip
def test_two_sides_in_every_language(caption: str, first: str, second: str) -> None:
    assert told(caption) == [(first, "plaintiff"), (second, "defendant")]


@pytest.mark.parametrize(
    ("caption", "roles"),
    [
        ("上诉人甲乙有限公司与被上诉人丙丁有限公司侵害著作权纠纷", ["appellant", "appellee"]),
        ("控訴人 甲乙株式会社 被控訴人 丙丁株式会社", ["appellant", "appellee"]),
        ("上诉人(一审原告)甲乙有限公司 被上诉人(一审被告)丙丁有限公司", ["appellant", "appellee"]),
        ("Foo AG, Berufungsklägerin, gegen Bar GmbH, Berufungsbeklagte", ["appellant", "appellee"]),
        ("Foo AG, Antragstellerin, gegen Bar GmbH, Antragsgegnerin", ["petitioner", "respondent"]),
        ("Foo Inc., Petitioner, v. Bar LLC, Respondent", ["petitioner", "respondent"]),
    ],
)
def test_a_role_that_is_told_is_kept(caption: str, roles: list[str]) -> None:
    assert [role for _, role in told(caption)] == roles


@pytest.mark.parametrize(
    "hidden",
    [
        "The Individuals, Corporations, Limited Liability Companies, Partnerships, and Unincorporated Associations Identified on Schedule A Hereto",
        "The Partnerships and Unincorporated Associations Identified in Schedule A",
        "P'ships & Unincorporated Ass'ns Identified in Schedule A",
        "The Partnerships etc. on Schedule A",
        "Does 1-10",
        "John Does 1 through 20",
    ],
)
def test_a_schedule_hides_the_other_side(hidden: str) -> None:
    caption = split_caption(f"Foo Sales Inc. v. {hidden}")
    assert [(p.name, p.side) for p in caption.parties] == [("Foo Sales Inc.", 0)]
    assert caption.has_unnamed


def test_one_side_may_be_several_firms() -> None:
    caption = split_caption(
        "Foo LLC and Bar, Inc. v. Baz Co., Ltd., Qux GmbH and Doe 1", "plaintiff", "defendant"
    )
    assert [(p.name, p.side) for p in caption.parties][:3] == [
        ("Foo LLC", 0),
        ("Bar, Inc.", 0),
        ("Baz Co., Ltd.", 1),
    ]


@pytest.mark.parametrize(
    "whole",
    [
        "Johnson & Johnson",
        "Gree Electric Appliances, Inc. of Zhuhai",
        "Foo Co., Ltd.",
        "Fairfax, Favor & Bar Ltd",
    ],
)
def test_one_firm_stays_one(whole: str) -> None:
    assert told(f"{whole} v. Bar LLC")[0] == (whole, "plaintiff")


@pytest.mark.parametrize(
    "caption",
    [
        "In re Foo S.A.",
        "In Re: Foo S.A.",
        "Ex parte Foo S.A.",
        "In the Matter of Foo S.A.",
        "In the Matter of: Foo S.A.",
    ],
)
def test_a_matter_of_one_names_its_subject(caption: str) -> None:
    assert told(caption) == [("Foo S.A.", "plaintiff")]
    assert in_re(caption) == "Foo S.A."


@pytest.mark.parametrize(
    "caption",
    [
        "Certain Digital Models, Digital Data, and Treatment Plans",
        "In the Matter of Certain Light Engines",
        "",
        "Notice to the Profession",
        "商标局公告",
    ],
)
def test_a_caption_of_goods_or_of_nobody_has_no_parties(caption: str) -> None:
    assert split_caption(caption).parties == ()


@given(
    st.text(max_size=60),
    st.sampled_from([" v. ", " gegen ", "诉", " et al. v. ", "原告", "被告", ", Kläger, ", "in re "]),
    st.text(max_size=60),
)
def test_whatever_is_split_stands_in_the_caption(before: str, between: str, after: str) -> None:
    caption = before + between + after
    found = split_caption(caption)
    flat = collapse(caption)
    for party in found.parties:
        assert (party.name and party.name in flat) or party.name in " ".join(flat.replace(",", " ").split())
        assert party.name == party.name.strip()
        assert party.side in (0, 1)
    assert len(set(found.parties)) == len(found.parties)


@given(st.text(alphabet="Fo .,&v", max_size=30), st.text(alphabet="Bar .,&vs", max_size=30))
def test_two_sides_are_the_whole_caption_but_for_what_is_between(first: str, second: str) -> None:
    both = two_sides(f"{first} v. {second}")
    if both is not None:
        assert all(both)
        assert all(side in f"{first} v. {second}" for side in both)
