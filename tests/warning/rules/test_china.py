"""Is China concerned? Mainland, Hong Kong and Macao firms, or goods said to come from China; Taiwan firms are not counted."""

from __future__ import annotations

import pytest

from warning.rules.tagger import TagInput, load_rulebook, tag


def concerned(text: str = "", *, title: str = "", party: str = "", country: str | None = None) -> bool:
    """Whether one record concerns China."""
    parties = ((party, "respondent", country),) if party or country else ()
    return tag(TagInput("x", title, text, parties=parties), load_rulebook()).china_related


@pytest.mark.parametrize("country", ["CN", "HK", "MO", "cn"])
def test_a_partys_country_decides(country: str) -> None:
    assert concerned(party="Foo Inc.", country=country)


def test_another_country_decides_against_the_name() -> None:
    assert not concerned(party="Shenzhen House Ltd", country="US")


@pytest.mark.parametrize(
    "name",
    [
        "Shenzhen Foo Technology Co., Ltd.",
        "Guangzhoushi Cedong Shangmao Youxiangongsi",
        "Huawei Device USA Inc.",
        "深圳市万普拉斯科技有限公司",
        "某某电器股份有限公司",
        "Angelalign France Technology SASU",
        "Hong Kong Best Ltd",
    ],
)
def test_a_name_shows_a_chinese_party(name: str) -> None:
    assert concerned(party=name)


@pytest.mark.parametrize(
    "name",
    [
        "Acer Inc., New Taipei City, Taiwan",
        "台湾积体电路制造股份有限公司",
        "高通公司",
        "三星电子有限公司",
        "松下電器産業株式会社",
        "日本電産株式会社",
        "Foo GmbH",
        "China Airlines",
        "Beijingo LLC",
    ],
)
def test_a_name_that_only_looks_chinese_shows_nothing(name: str) -> None:
    assert not concerned(party=name)


@pytest.mark.parametrize(
    "text",
    [
        "goods from the People's Republic of China",
        "The maker is based in Suzhou",
        "a Chinese respondent",
        "浙江某玩具企业被诉",
        "来自宁波的空气炸锅",
        "爱旭股份在德国应诉",
        "诺基亚起诉OPPO",
        "公司(688223.SH)公告收到起诉状",
        "中国製の蓄電池",
        "Wechselrichter aus China",
        "国内某锂电隔膜龙头遭起诉",
        "绍兴纺织、浙江等地地板厂被列名",
        "宁波凯耀灯具展位被举报",
        "货柜自宁波发出",
        "立讯精密在美国应诉",
        "深センのメーカー",
        "ファーウェイがルーターを巡り提訴された",
        "injunction served on a Zhongshan lamp maker",
        "佛山玩具商在香港被诉",
        "国内一家小家电企业请求宣告无效",
    ],
)
def test_a_text_says_that_china_is_concerned(text: str) -> None:
    assert concerned(text)


@pytest.mark.parametrize(
    "text",
    [
        "三星电子在美国起诉京瓷",
        "来源:中国贸易救济信息网",
        "据中国知识产权报报道,苹果公司在美国被诉",
        "Republic of China (Taiwan)",
        "bone china in court",
        "台湾某科技有限公司在美国被诉",
        "中国地方の裁判所",
        "The Beijing Treaty entered into force",
        "深圳海关查获电子产品,权利人为苹果公司",
        "上海法院认定医疗产品侵权",
        "韓国産、国産のイチゴ",
        "非执业实体在德州起诉多家机器人企业",
        "香港海关破获冒牌手袋集团",
        "前员工登机前往中国时被拦下",
    ],
)
def test_a_mention_that_concerns_nobody_says_nothing(text: str) -> None:
    assert not concerned(text)


def test_the_reason_is_kept_with_its_span() -> None:
    record = TagInput("x", "", "Suit against Ninebot over scooters")
    evidence = [e for e in tag(record, load_rulebook()).evidence if e.tag == "china_related:yes"]
    assert [record.text[e.start : e.end] for e in evidence] == ["Ninebot"]
