"""Names of firms: every trap measured in the notes on party resolution has its test here."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.names import FirmName, Match, NameIndex, StopPair, is_form, names_in, normalise, split_aliases
from cases.names.pinyin import plain_pinyin


def index(*names: tuple[str, str]) -> NameIndex:
    """An index of one firm with these (kind, name)."""
    return NameIndex(FirmName("f", name, kind) for kind, name in names)


def best(names: Sequence[tuple[str, str]], party: str) -> tuple[int, str] | None:
    """Score and grade of the one firm, or None."""
    matches = index(*names).screen(party)
    return (matches[0].score, matches[0].grade) if matches else None


ANKER = [("legal_zh", "安克创新科技股份有限公司"), ("legal_en", "Anker Innovations Technology Co., Ltd.")]


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("SZ Widget Technology Co., Ltd.", ("sz", "widget")),
        ("Widget Youxiangongsi", ("widget",)),
        ("Guangzhoushi Cedong Shangmao Youxiangongsi", ("cedong",)),
        ("Widget Kabushiki Kaisha", ("widget",)),
        ("WIDGET CO LTD", ("widget",)),
        ("Widget S.p.A.", ("widget",)),
        ("Widget (Shenzhen) Trading Company Limited", ("widget",)),
        ("L'Oréal USA, Inc.", ("loreal",)),
        ("H&M Hennes & Mauritz AB", ("h&m", "hennes", "mauritz")),
        ("Ｗｉｄｇｅｔ，Ｌｔｄ．", ("widget",)),
    ],
)
def test_form_trade_and_place_are_taken_away_in_one_pass(name: str, core: tuple[str, ...]) -> None:
    assert normalise(name).core == core


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("深圳市大疆创新科技有限公司", "大疆"),
        ("安克創新科技股份有限公司", "安克"),
        ("华为技术(深圳)有限公司", "华为"),
        ("熊猫金控股份有限公司", "熊猫金"),
        ("小松製作所株式会社", "小松制作所"),
        ("重庆港股份有限公司", "重庆港"),
        ("浙江正泰电器集团有限公司", "正泰"),
    ],
)
def test_a_chinese_core_is_left_when_its_forms_go(name: str, core: str) -> None:
    assert normalise(name).zh.startswith(core)


def test_a_form_is_taken_from_the_end_and_not_from_the_middle() -> None:
    # 金控股份有限公司 ends in 股份有限公司; 控股 would leave 金份.
    assert "份" not in normalise("熊猫金控股份有限公司").zh
    assert normalise("熊猫金控股份有限公司").zh == normalise("熊猫金控有限公司").zh


def test_the_same_name_is_certain() -> None:
    assert best(ANKER, "ANKER INNOVATIONS TECHNOLOGY CO LTD") == (100, "confirm")


def test_the_same_chinese_core_is_certain_in_either_script() -> None:
    assert best(ANKER, "安克創新科技有限公司") == (100, "confirm")


def test_the_same_core_is_confirmed() -> None:
    assert best(ANKER, "Anker Technology (HK) Limited") == (92, "confirm")


def test_a_brand_is_confirmed() -> None:
    assert best([("brand", "Roborock")], "Roborock Technology Co., Ltd.") == (88, "confirm")


def test_the_same_words_in_another_order_are_confirmed() -> None:
    assert best([("legal_en", "Aoyuan Jiahe Electronics Co., Ltd.")], "Jiahe Aoyuan Ltd") == (85, "confirm")


def test_the_pinyin_of_a_chinese_name_is_confirmed_when_long() -> None:
    names = [("legal_zh", "杭州海康威视数字技术股份有限公司")]
    assert best(names, "Hangzhou Haikangweishi Digital Technology Co., Ltd.") == (80, "confirm")
    assert best(names, "Hangzhoushi Haikangweishi Shuzi Jishu Gufen Youxiangongsi") == (80, "confirm")


@pytest.mark.parametrize(
    ("zh", "pinyin"),
    [("安克创新科技股份有限公司", "Anke"), ("三一重工股份有限公司", "Sanyi"), ("华为技术有限公司", "Huawei")],
)
def test_short_pinyin_is_many_names_and_only_reviewed(zh: str, pinyin: str) -> None:
    assert best([("legal_zh", zh)], f"{pinyin} Ltd") == (60, "review")


def test_a_brand_with_more_behind_or_before_it_is_reviewed() -> None:
    names = [("brand", "Roborock")]
    assert best(names, "Roborock Quantum Ltd") == (60, "review")
    assert best(names, "Quantum Roborock Ltd") == (50, "review")


def test_one_letter_apart_is_reviewed_from_six_letters_on() -> None:
    assert best([("brand", "Roborock")], "Roborok Inc") == (55, "review")
    assert best([("brand", "Roborock")], "Robroock Inc") == (55, "review")
    assert best([("brand", "Anker")], "Ankor Inc") is None


@pytest.mark.parametrize("word", ["Apple", "Sunrise", "TCL", "BOE", "Port"])
def test_an_ordinary_or_short_word_is_never_more_than_a_review(word: str) -> None:
    assert best([("brand", word)], f"{word} Electronics Ltd") == (60, "review")
    assert best([("brand", word)], word) == (60, "review")


def test_a_registered_name_is_somebodys_own_though_its_core_is_ordinary() -> None:
    assert best([("legal_en", "Sunrise Trading Co., Ltd.")], "Sunrise Trading Co., Ltd.") == (100, "confirm")


def test_an_ordinary_chinese_core_is_reviewed() -> None:
    assert best([("legal_zh", "阳光电源股份有限公司")], "阳光照明有限公司") is None
    assert best([("legal_zh", "上海东方科技有限公司")], "上海东方电子有限公司") == (60, "review")


def test_one_core_in_another_place_or_of_another_trade_is_reviewed() -> None:
    firm = [("legal_en", "Zhejiang Dinglux Machinery Co., Ltd.")]
    assert best(firm, "Dinglux Ltd") == (92, "confirm")
    assert best(firm, "Xiamen Dinglux Co., Ltd.") == (60, "review")
    assert best(firm, "Dinglux Pharmaceutical Co., Ltd.") == (60, "review")
    assert best([("legal_zh", "浙江鼎络机械有限公司")], "鼎络药业有限公司") == (60, "review")


def test_aliases_in_a_partys_name_are_each_looked_at() -> None:
    assert split_aliases("Foo LLC d/b/a Roborock; Bar Inc. f/k/a Baz, a/k/a Qux") == [
        "Foo LLC",
        "Roborock",
        "Bar Inc",
        "Baz",
        "Qux",
    ]
    assert best([("brand", "Roborock")], "Unknown Seller 7 d/b/a Roborock") == (100, "confirm")


@pytest.mark.parametrize(
    ("party", "names"),
    [
        ("甲乙有限公司(曾用名:丙丁科技有限公司)", ["甲乙有限公司", "丙丁科技有限公司"]),
        ("甲乙有限公司,又名丙丁商店", ["甲乙有限公司", "丙丁商店"]),
        ("Foo GmbH, vormals Bar AG", ["Foo GmbH", "Bar AG"]),
        ("A株式会社(旧商号 B株式会社)", ["A株式会社", "B株式会社"]),
        ("Invata, LLC (d/b/a Invata Intralogistics)", ["Invata, LLC", "Invata Intralogistics"]),
        ("Ningbo AO Sheng Mold Co., Ltd., d/ b/a AOSIMI", ["Ningbo AO Sheng Mold Co., Ltd", "AOSIMI"]),
        ("HC Robotics (a.k.a. Huicang Co., Ltd.)", ["HC Robotics", "Huicang Co., Ltd"]),
    ],
)
def test_other_names_are_parted_in_every_language(party: str, names: list[str]) -> None:
    assert split_aliases(party) == names


@pytest.mark.parametrize(
    ("party", "held"),
    [
        ("深圳市万普拉斯科技有限公司(一加)", {"一加", "深圳市万普拉斯科技有限公司"}),
        ("Foo Co., Ltd., Bar Inc. and Baz GmbH", {"Foo Co., Ltd", "Bar Inc", "Baz GmbH"}),
        ("甲乙有限公司、丙丁股份有限公司", {"甲乙有限公司", "丙丁股份有限公司"}),
        ("Jianzhang Liao, Pinkqueen Apparel Inc.", {"Pinkqueen Apparel Inc"}),
    ],
)
def test_every_name_of_a_line_is_looked_at(party: str, held: set[str]) -> None:
    assert held <= {name for name, _ in names_in(party)}


@pytest.mark.parametrize(
    "one",
    [
        "Johnson & Johnson",
        "Gree Electric Appliances, Inc. of Zhuhai",
        "Feit Electric Company, Inc.",
        "TCL Holdings (H.K.) Co. Limited",
    ],
)
def test_one_firm_is_not_parted(one: str) -> None:
    assert len(names_in(one)) == 1


def test_a_name_cut_at_a_comma_is_for_a_person() -> None:
    assert best([("brand", "Roborock")], "Roborock, Pinkqueen Apparel Inc.") == (60, "review")


def test_forms_written_otherwise_are_one() -> None:
    firm = [("legal_en", "Zhuiyi Robotics Company Limited")]
    assert best(firm, "Zhuiyi Robotics Co., Ltd.") == (98, "confirm")
    assert best(firm, "Zhuiyi Robotics GmbH") == (96, "confirm")
    assert best([("legal_en", "ABC Corp.")], "ABC Corporation") == (60, "review")


def test_a_whole_name_in_pinyin_is_its_firm() -> None:
    firm = [("legal_zh", "深圳市鼎络创新科技有限公司")]
    assert best(firm, "Shenzhenshi Dingluo Chuangxin Keji Youxian Gongsi") == (80, "confirm")
    # 鑫达, 信达, 欣达: the city and the trade do not tell them apart.
    assert best([("legal_zh", "深圳市鑫达科技有限公司")], "Shenzhenshi Xinda Keji Youxiangongsi") == (
        60,
        "review",
    )


def test_a_place_alone_is_nobodys_pinyin() -> None:
    assert best([("legal_zh", "黄河源有限公司")], "Huang") is None


@pytest.mark.parametrize(
    ("party", "names"),
    [
        ("OPPO Medical Inc.", [("brand", "OPPO"), ("legal_zh", "OPPO广东移动通信有限公司")]),
        ("OnePlus Systems, Inc.", [("brand", "OnePlus"), ("legal_zh", "深圳市万普拉斯科技有限公司")]),
        ("GREE, Inc.", [("legal_en", "Gree Electric Appliances, Inc. of Zhuhai")]),
        ("Huawei Device Co., Ltd.", [("legal_en", "Huawei Culture Co.,Ltd.")]),
        ("Samsung Electronics Co., Ltd.", [("legal_en", "Samsung Display Co., Ltd.")]),
        ("鑫达有限公司", [("legal_zh", "深圳市鑫达科技有限公司")]),
    ],
)
def test_a_firm_of_the_same_word_is_never_confirmed(party: str, names: list[tuple[str, str]]) -> None:
    assert best(names, party) == (60, "review")


def test_of_several_firms_with_one_core_none_is_confirmed_unless_nearer() -> None:
    firms = NameIndex(
        [
            FirmName("a", "Zhejiang Dinglux Machinery Co., Ltd.", "legal_en"),
            FirmName("b", "Xiamen Dinglux Lighting Co., Ltd.", "legal_en"),
        ]
    )
    assert {m.grade for m in firms.screen("Dinglux Ltd")} == {"review"}
    assert [(m.firm_id, m.grade) for m in firms.screen("Dinglux Lighting LLC")] == [
        ("b", "confirm"),
        ("a", "review"),
    ]


def test_one_firm_in_two_registers_is_no_rival_of_itself() -> None:
    firms = NameIndex(
        [
            FirmName("a", "Dinglux Machinery Co., Ltd.", "legal_en", register="x"),
            FirmName("b", "Dinglux Machinery Co., Ltd.", "legal_en", register="y"),
        ]
    )
    assert [m.grade for m in firms.screen("Dinglux Inc.")] == ["confirm", "confirm"]


def test_only_the_firms_asked_for_are_told() -> None:
    firms = NameIndex([FirmName("a", "Roborock", "brand"), FirmName("b", "Roborock", "brand")])
    assert [m.firm_id for m in firms.screen("Roborock Ltd", only={"b"})] == ["b"]


def test_a_stop_pair_is_never_matched_again() -> None:
    names = [FirmName("a", "Roborock", "brand"), FirmName("b", "Roborock", "brand")]
    firms = NameIndex(names, [StopPair("a", "Roborock Quantum Ltd.")])
    assert [m.firm_id for m in firms.screen("ROBOROCK QUANTUM LIMITED")] == ["b"]
    assert [m.firm_id for m in firms.screen("Roborock Ltd")] == ["a", "b"]


@pytest.mark.parametrize(
    ("han", "letters"),
    [("重庆", "chongqing"), ("绿联", "lulian"), ("长虹", "changhong"), ("大疆ABC", "dajiangabc")],
)
def test_phrases_read_a_character_otherwise(han: str, letters: str) -> None:
    assert plain_pinyin(han) == letters


@given(st.text(max_size=80))
def test_names_in_a_line_stand_in_it(line: str) -> None:
    for name, _ in names_in(line):
        assert name.strip()


def test_a_name_known_only_as_an_alias_is_found_by_that_alias() -> None:
    # Oceanwing and Zoetop: no method finds what is not written down.
    assert best(ANKER, "Oceanwing Inc") is None
    assert best([*ANKER, ("former", "Oceanwing Inc")], "Oceanwing Inc") == (100, "confirm")


def test_each_firm_is_told_once_with_its_best_name_then_by_id() -> None:
    firms = NameIndex(
        [
            FirmName("b", "Zhuiyi Robotics Ltd", "legal_en"),
            FirmName("a", "Zhuiyi Robotics Ltd", "legal_en"),
            FirmName("a", "Zhuiyi", "brand"),
        ]
    )
    matches = firms.screen("Zhuiyi Robotics Ltd")
    assert [(m.firm_id, m.score, m.matched_name) for m in matches] == [
        ("a", 100, "Zhuiyi Robotics Ltd"),
        ("b", 100, "Zhuiyi Robotics Ltd"),
    ]


def test_a_match_does_not_depend_on_what_was_asked_before() -> None:
    # A library that caches by entity id gave one constant score for all.
    firms = index(*ANKER)
    first = firms.screen("Anker Technology Ltd")
    assert firms.screen("Anker Quantum Ltd") != first
    assert firms.screen("Anker Technology Ltd") == first


def test_the_reason_shows_both_compared_forms() -> None:
    (match,) = index(*ANKER).screen("Anker Technology Ltd")
    assert match == Match(
        "f", 92, "confirm", "the same core: anker = anker", "Anker Innovations Technology Co., Ltd."
    )


@pytest.mark.parametrize("party", ["", "  ", "!!!", "Ltd", "有限公司", "Shenzhen", "GmbH & Co. KG"])
def test_a_name_without_a_name_matches_nobody(party: str) -> None:
    assert best([*ANKER, ("shop", "???"), ("brand", "Roborock")], party) is None


@pytest.mark.parametrize("word", ["ltd", "gmbh", "有限公司", "株式会社"])
def test_a_legal_form_is_known_as_one(word: str) -> None:
    assert is_form(word)
    assert not is_form("roborock")


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_two_names_can_be_compared(firm: str, party: str) -> None:
    for match in index(("brand", firm), ("legal_zh", firm)).screen(party):
        assert 50 <= match.score <= 100
        assert match.grade == ("confirm" if match.score >= 80 else "review")
        assert match.reason


@given(st.text(alphabet="Roborck 深圳市大疆创新科技有限公司 Ltd.,", min_size=1, max_size=25))
def test_a_firm_is_found_under_its_own_name(name: str) -> None:
    if normalise(name).exact and len(split_aliases(name)) == 1:
        assert [m.score for m in index(("legal_en", name)).screen(name)] == [100]


@pytest.mark.parametrize(
    ("party", "grade"),
    [
        ("Anker", "confirm"),
        ("安克", "confirm"),
        ("拓竹", "confirm"),
        ("Bambulab GmbH", "review"),
        # An ordinary word, a short one, a spelling that many share: a person looks.
        ("Apple", "review"),
        ("苹果", "review"),
        ("BOE", "review"),
        ("Huawei", "review"),
        # Only the core is the firm's: another trade or place waits for a person.
        ("安克电力有限公司", "review"),
        ("拓竹贸易(上海)有限公司", "review"),
        ("Ankora", None),
        ("拓海", None),
    ],
)
def test_a_bare_core_is_as_good_as_it_is_rare(party: str, grade: str | None) -> None:
    register = NameIndex(
        FirmName(firm, name, kind)
        for firm, name, kind in (
            ("1", "Anker Innovations Technology Co., Ltd.", "legal_en"),
            ("1", "安克创新科技股份有限公司", "legal_zh"),
            ("2", "深圳拓竹科技有限公司", "legal_zh"),
            ("2", "Bambu Lab", "brand"),
            ("3", "Apple Trading Co., Ltd.", "legal_en"),
            ("3", "苹果商贸有限公司", "legal_zh"),
            ("4", "BOE Technology Group Co., Ltd.", "legal_en"),
            ("5", "Huawei Technologies Co., Ltd.", "legal_en"),
        )
    )
    assert [m.grade for m in register.screen(party)] == ([grade] if grade else [])
