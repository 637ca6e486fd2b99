"""Tagging whole records: what is said, and that every word of it is explained."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warning.rules.languages import languages_of
from warning.rules.tagger import TagInput, TagResult, as_json, load_rulebook, tag

RULEBOOK = load_rulebook()


def tagged(title: str = "", text: str = "", **more: Any) -> TagResult:
    """The tags of one record."""
    return tag(TagInput("x", title, text, **more), RULEBOOK)


def raw_of(record: TagInput, field: str) -> str:
    """The raw field an evidence row points into."""
    if field.startswith("parties["):
        return record.parties[int(field[8 : field.index("]")])][0]
    if field.startswith("codes."):
        scheme, number = field[6:-1].split("[")
        return record.codes[scheme][int(number)]
    value: str | None = getattr(record, field)
    return value or ""


def assert_explained(record: TagInput, result: TagResult) -> None:
    """Every tag has a reason, every span holds its words."""
    told = {e.tag for e in result.evidence}
    wanted = {
        *(f"region:{r}" for r in result.regions),
        *(f"industry:{i}" for i in result.industries),
        *(f"dispute_type:{d}" for d in result.dispute_types),
        *(f"ip_right:{r}" for r in result.ip_rights),
        *(f"remedy:{r}" for r in result.remedies),
        *(f"outcome:{o}" for o in result.outcomes),
        *(f"right:{kind} {number}" for kind, number in result.rights),
        *(f"claim:{number}: {claims}" for number, claims in result.claims),
        *([f"venue:{result.venue}"] if result.venue else []),
        *([f"stage:{result.stage}"] if result.stage else []),
        *(["china_related:yes"] if result.china_related else []),
    }
    assert told == wanted
    for e in result.evidence:
        assert raw_of(record, e.field)[e.start : e.end] == e.text
        assert e.start < e.end
        assert e.rule.startswith("rule.")
        assert e.version
        assert e.weight > 0


def test_a_notice_of_institution_carries_every_kind_of_tag() -> None:
    record = TagInput(
        "1",
        "Certain Photovoltaic Connectors; Institution of Investigation",
        "Under section 337, infringement of U.S. Patent Nos. 9,123,456 and D579,868 by a Shenzhen firm. A limited "
        "exclusion order is requested.",
        "v.us.itc",
        parties=(("Shenzhen Foo Co., Ltd.", "respondent", None),),
    )
    result = tag(record, RULEBOOK)
    assert result.regions == ("US",)
    assert result.venue == "v.us.itc"
    assert result.industries == ("ind.new_energy",)
    assert result.dispute_types == ("dt.section_337",)
    assert "patent" in result.ip_rights
    assert result.stage == "ps.itc_institution"
    assert result.remedies == ("limited_exclusion_order",)
    assert result.rights == (("patent", "US 9,123,456"), ("design", "US D579,868"))
    assert result.china_related
    assert_explained(record, result)


def test_a_trade_remedy_matter_gets_no_dispute_type_and_no_right() -> None:
    result = tagged(
        "Certain Iron Castings From China: Antidumping Duty Order",
        "The International Trade Commission found material injury; the patent on the process is expired.",
        venue="v.us.itc",
    )
    assert (result.dispute_types, result.ip_rights, result.remedies) == ((), (), ())
    assert result.regions == ("US",)
    assert result.china_related


def test_a_trade_remedy_matter_beside_section_337_is_ours() -> None:
    result = tagged("337调查与反倾销", "对特定产品启动337调查,另有反倾销复审")
    assert "dt.section_337" in result.dispute_types


def test_a_procedural_notice_is_section_337_though_it_never_says_so() -> None:
    result = tagged(
        "Certain Vaporizer Devices; Notice of a Commission Determination To Review in Part",
        "The Commission reviews in part the final initial determination.",
    )
    assert result.dispute_types == ("dt.section_337",)
    assert (result.venue, result.regions) == ("v.us.itc", ("US",))


def test_before_the_commission_infringement_is_a_part_of_section_337() -> None:
    notice = "infringement of certain claims of U.S. Patent No. 9,123,456 under section 337"
    assert tagged("Certain Dolls", notice, venue="v.us.itc").dispute_types == ("dt.section_337",)
    assert "dt.patent_infringement" in tagged("Dolls", notice, venue="ded").dispute_types


def test_an_industry_is_that_of_the_product_never_that_of_a_partys_name() -> None:
    assert tagged("Candy Co., Ltd. v. Acme Pharmaceuticals, Inc.", "an appeal").industries == ()
    assert tagged("In re Acme Software, Inc.").industries == ()
    assert tagged("", "深圳半导体有限公司被诉商标侵权").industries == ()
    named = (("Solar Panel King", "defendant", None),)
    assert tagged("", "Solar Panel King was sued over toys.", parties=named).industries == (
        "ind.cross_border_ecommerce",
    )


def test_the_title_says_the_product_and_the_text_adds_nothing_it_says_once() -> None:
    result = tagged("Certain Toner Cartridges", "The infringing drone was mentioned at the hearing.")
    assert result.industries == ("ind.consumer_electronics",)


def test_of_a_text_alone_the_loudest_industries_are_kept() -> None:
    text = "The battery separator, the battery cell and the lithium battery. A chair was broken."
    assert tagged("", text).industries == ("ind.battery_storage",)


def test_codes_beat_text() -> None:
    result = tagged("A method", codes={"ipc": ("H01M 10/0525",)})
    assert result.industries == ("ind.battery_storage",)


def test_a_class_that_many_industries_share_is_no_industry() -> None:
    assert tagged("ACME mark", codes={"nice": ("9",)}).industries == ()


def test_the_nature_of_suit_names_the_dispute() -> None:
    result = tagged("Doe v. Roe", codes={"nos": ("820 Copyright",)})
    assert result.dispute_types == ("dt.copyright",)
    assert result.ip_rights == ("copyright",)


def test_a_forum_that_hears_one_matter_names_it_by_the_words_that_named_the_forum() -> None:
    record = TagInput("x", "August Storck KG v. Florend", "Opposition dismissed", "ttab")
    result = tag(record, RULEBOOK)
    assert result.dispute_types == ("dt.tm_opposition_cancellation",)
    assert_explained(record, result)


@pytest.mark.parametrize(
    ("scheme", "code", "industries"),
    [
        # A technology field of WIPO's concordance: digital communication, measurement, other special machines.
        ("ipc", "H04L 9/00", {"ind.next_gen_ict"}),
        ("cpc", "G01B 11/02", {"ind.sensor_iot"}),
        ("ipc", "B29B 7/00", {"ind.advanced_equipment"}),
        # A code of a rule's own beats its field: ships and aircraft are in the field of transport.
        ("ipc", "B62D 1/00", {"ind.automotive_new_four"}),
        ("ipc", "B63B 1/00", {"ind.marine_economy"}),
        ("ipc", "B64U 10/13", {"ind.aviation_aerospace"}),
        ("ipc", "A47L 9/00", {"ind.consumer_electronics"}),
        ("ipc", "H02J 7/00", {"ind.battery_storage"}),
        # A class of all machines is no sign of ships.
        ("nice", "7", {"ind.advanced_equipment"}),
        ("nice", "25", {"ind.fashion_apparel"}),
        ("nice", "9", set()),
        ("hs", "8541.43", {"ind.new_energy"}),
        ("hs", "0306", {"ind.marine_economy"}),
    ],
)
def test_a_classification_tells_the_industry(scheme: str, code: str, industries: set[str]) -> None:
    result = tag(TagInput("x", title="Goods", codes={scheme: (code,)}), RULEBOOK)
    assert set(result.industries) == industries


def test_an_outcome_is_told_but_not_printed() -> None:
    record = TagInput("x", "", "The court denied a preliminary injunction over the patent.")
    result = tag(record, RULEBOOK)
    assert result.outcomes == ("injunction_denied",)
    assert_explained(record, result)
    line = as_json("x", result)
    assert "outcomes" not in line
    evidence = line["evidence"]
    assert isinstance(evidence, list)
    assert "rule.outcome.injunction_denied" not in {e["rule"] for e in evidence}


def test_a_change_of_law_is_not_what_the_law_is_about() -> None:
    result = tagged("越南修订知识产权法", "新增对著作权侵权和地理标志侵权的规定")
    assert result.dispute_types == ("dt.policy_change",)


def test_a_long_text_is_not_tagged_with_what_it_merely_touches_on() -> None:
    text = "The trade mark infringement was clear. " * 120 + "A patent is invalid for obviousness."
    assert tagged("", text).dispute_types == ("dt.trademark_infringement",)


def test_the_stage_is_of_the_forums_own_track() -> None:
    assert tagged("", "notice of appeal; petition filed", venue="v.us.ptab").stage == "ps.office_petition"
    assert tagged("", "notice of appeal; petition filed", venue="ded").stage == "ps.appeal"


@pytest.mark.parametrize(
    ("title", "text", "region", "industry", "dispute"),
    [
        ("特許権侵害差止等請求事件", "東京地方裁判所 リチウムイオン二次電池", "JP", "battery_storage", "patent_infringement"),
        ("審決取消請求事件", "知的財産高等裁判所 半導体装置", "JP", "integrated_circuit", "validity"),
        ("審決取消請求事件", "知的財産高等裁判所 商標登録無効審判 菓子", "JP", "agri_food_brand", "tm_opposition_cancellation"),
        ("Patentverletzung – Kaffeemaschine", "Landgericht Düsseldorf", "DE", "consumer_electronics", "patent_infringement"),
        ("Sortenschutz: Nachbau bei Kartoffeln", "Bundesgerichtshof", "DE", "agri_food_brand", "geographical_indication"),
        ("比亚迪商标在巴西遭抢注", "涉及新能源汽车", "BR", "automotive_new_four", "trademark_squatting"),
        ("法国海关在港口扣留仿冒箱包", "", "FR", "fashion_apparel", "customs"),
        ("D. Del. jury: gimbal patent infringed", "a drone", "US", "aviation_aerospace", "patent_infringement"),
    ],
)  # fmt: skip
def test_four_languages_are_understood(
    title: str, text: str, region: str, industry: str, dispute: str
) -> None:
    result = tagged(title, text)
    assert result.regions == (region,)
    assert result.industries == (f"ind.{industry}",)
    assert f"dt.{dispute}" in result.dispute_types


@pytest.mark.parametrize(
    ("text", "given", "languages"),
    [
        ("起诉", None, {"zh", "de", "en"}),
        ("起訴された", None, {"ja"}),
        ("特許権侵害差止等請求事件", None, {"ja"}),
        ("Das Urteil wegen Verletzung", None, {"de"}),
        ("The judgment of the court", None, {"en"}),
        ("Sortenschutz", "de", {"de"}),
    ],
)
def test_a_records_language_shows_in_its_words(text: str, given: str | None, languages: set[str]) -> None:
    assert languages_of([text], given) >= languages - ({"de", "en"} if not text.isascii() else set())
    assert ("ja" in languages) is ("ja" in languages_of([text], given))


def test_a_german_article_is_no_semiconductor_and_a_japanese_indictment_no_chinese_suit() -> None:
    assert tagged("", "Die Memory und die Substrate hat der Bus").industries == ()
    assert "dt.criminal_enforcement" not in tagged("", "某公司在德国法院起诉").dispute_types
    assert "dt.criminal_enforcement" in tagged("", "商標法違反の疑いで起訴された").dispute_types


def test_tagging_is_deterministic() -> None:
    record = TagInput("x", "Certain Drones", "section 337, batteries, cameras, sensors and toys", "v.us.itc")
    assert tag(record, RULEBOOK) == tag(record, RULEBOOK)


def test_an_empty_record_has_no_tags() -> None:
    assert tagged() == TagResult()


def test_the_printed_line_has_the_agreed_keys() -> None:
    line = as_json("7", tagged("Certain Drones; Notice of Institution", "section 337", venue="v.us.itc"))
    assert list(line) == [
        "id", "regions", "venue", "industries", "dispute_types", "ip_rights", "stage", "remedies", "rights",
        "china_related", "evidence",
    ]  # fmt: skip
    assert set(line["evidence"][0]) == {"tag", "rule", "version", "field", "start", "end", "text", "weight"}  # type: ignore[index]
    json.dumps(line)


PIECES = st.sampled_from(
    ["337-TA-1456 ", "在美国被诉", "専利", "特許権侵害", " Patentverletzung ", "芯片", "chip", " v. ", "Inc.", "。", "\n",
     "深圳某科技有限公司", "U.S. Patent No. 9,123,456", "Lanham Act", "TRO", "欧盟", "İ", "㍿", "\u00ad", "AI", "German court",
     "反倾销", "商標", "UPC", "D2023-0001", " and ", "海关扣押", "EP 3 065 184 B1"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=12).map("".join))


@settings(max_examples=150, deadline=None)
@given(
    title=TEXTS,
    text=TEXTS,
    venue=st.one_of(st.none(), st.sampled_from(["v.us.itc", "ilnd", "ttab", "慕尼黑法院", ""]), TEXTS),
    parties=st.lists(
        st.tuples(TEXTS, st.just("party"), st.one_of(st.none(), st.sampled_from(["CN", "US", ""]))),
        max_size=2,
    ),
    codes=st.dictionaries(
        st.sampled_from(["ipc", "nice", "hs", "nos"]),
        st.lists(st.sampled_from(["H01M 10", "9", "8541", "830", ""]), max_size=2).map(tuple),
        max_size=2,
    ),
)
def test_whatever_the_record_every_tag_is_explained_and_every_span_is_true(
    title: str,
    text: str,
    venue: str | None,
    parties: list[tuple[str, str, str | None]],
    codes: dict[str, tuple[str, ...]],
) -> None:
    record = TagInput("x", title, text, venue, None, tuple(parties), codes)
    assert_explained(record, tag(record, RULEBOOK))


def test_a_known_firms_name_is_no_product() -> None:
    assert tagged("宁德新能源起诉珠海冠宇", "聚合物锂离子电池").industries == ("ind.battery_storage",)
    assert tagged("TikTok在美国被诉", "版权").industries == ("ind.digital_economy",)


def test_a_class_of_defendants_is_no_name() -> None:
    result = tagged("Toyota Motor Sales v. The Partnerships etc. on Schedule A", "trademark", venue="ilnd")
    assert result.industries == ("ind.cross_border_ecommerce",)


def test_the_goods_of_an_investigation_go_before_a_with() -> None:
    title = "Certain Medical Programmers With Printed Circuit Boards; Institution of Investigation"
    assert tagged(title).industries == ("ind.health_medtech",)
    assert tagged("Certain Printed Circuit Boards; Institution").industries == ("ind.integrated_circuit",)


def test_the_kind_of_a_right_is_told_by_its_number() -> None:
    assert tagged("", "1 Ni 21/09: EP 0 600 502 nichtig").ip_rights == ("patent",)
    only_design = tagged("", "infringement of the claim of U.S. Patent No. D579,868, section 337")
    assert "design" in only_design.ip_rights and "patent" not in only_design.ip_rights


def test_an_office_hears_no_infringement() -> None:
    text = "Opposition sustained: likelihood of confusion, trademark infringement"
    assert tagged("", text, venue="v.us.ttab").dispute_types == ("dt.tm_opposition_cancellation",)
    assert "dt.trademark_infringement" in tagged("", text, venue="ded").dispute_types


def test_one_word_in_a_long_text_is_no_dispute() -> None:
    text = "The estate was sold. " * 200 + "Crown copyright."
    assert tagged("", text).dispute_types == ()
    assert tagged("", text).ip_rights == ()


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("知的財産高等裁判所 令和5(ネ)10078", "ps.appeal"),
        ("東京地方裁判所 平成15年(ワ)14687号、平成16年5月28日。", "ps.judgment"),
        ("LG Düsseldorf 4c O 66/18: Unterlassung", "ps.judgment"),
        ("BGH, X ZR 79/07: zurückverwiesen", "ps.appeal"),
        ("337-TA-1364: 申请人请求普遍排除令,ITC投票决定立案", "ps.itc_institution"),
        ("美国国际贸易委员会发布普遍排除令,作出终裁", "ps.itc_fd"),
        ("ITC公告对第7号初裁不予复审", "ps.itc_review"),
        ("海关突查照明展展位", "ps.fair_onsite"),
    ],
)
def test_the_step_is_told_by_dockets_and_outcomes(text: str, stage: str) -> None:
    assert tagged("", text).stage == stage
