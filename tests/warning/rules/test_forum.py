"""The forum decides the region; a country that is merely mentioned decides nothing."""

from __future__ import annotations

import pytest

from warning.rules.dockets import hints_of
from warning.rules.tagger import TagInput, TagResult, load_rulebook, tag


def tagged(
    text: str = "", *, title: str = "", venue: str | None = None, parties: tuple[str, ...] = ()
) -> TagResult:
    """The tags of one record."""
    named = tuple((name, "party", None) for name in parties)
    return tag(TagInput("x", title, text, venue, parties=named), load_rulebook())


@pytest.mark.parametrize(
    ("given", "venue", "region"),
    [
        ("v.us.itc", "v.us.itc", "US"),
        ("ilnd", "v.us.ilnd", "US"),
        ("USITC", "v.us.itc", "US"),
        ("Unified Patent Court", "v.upc", "EU"),
        ("v.epo", "v.epo", "EP"),
        ("v.wipo.amc", "v.wipo.amc", "WO"),
        ("UPC 杜塞尔多夫地方分庭", "v.upc", "EU"),
        ("慕尼黑地区法院", "v.de.lg", "DE"),
        ("知的財産高等裁判所", "v.jp.iphc", "JP"),
        ("Court of Appeal, Kenya", None, "KE"),
    ],
)
def test_a_structured_venue_is_an_id_a_code_or_a_printed_name(
    given: str, venue: str | None, region: str
) -> None:
    result = tagged("Something in Brazil.", venue=given)
    assert (result.venue, result.regions) == (venue, (region,))


def test_a_bare_word_names_no_venue() -> None:
    # The last part of v.kr.court and v.eu.customs is no name of theirs.
    for word in ("court", "customs", "other"):
        assert tagged(venue=word).venue is None


@pytest.mark.parametrize(
    ("text", "venue", "region"),
    [
        ("Inv. No. 337-TA-1456", "v.us.itc", "US"),
        ("In UPC_CFI_159/2023 the order", "v.upc", "EU"),
        ("UPC-COA-0000053/2026", "v.upc", "EU"),
        ("IPR2023-00123 was instituted", "v.us.ptab", "US"),
        ("令和元年（ネ）第１００３６号", "v.jp.iphc", "JP"),
        ("Urteil X ZR 14/17", "v.de.bgh", "DE"),
        ("Beschluss 7 W (pat) 12/20", "v.de.bpatg", "DE"),
        ("Case No. D2023-1234", "v.wipo.amc", "WO"),
        ("[2022] EWHC 941 (IPEC)", "v.gb.pat", "GB"),
        ("[2024] FCA 12", "v.au.fca", "AU"),
        ("2024 FCA 12", "v.ca.fc", "CA"),
        ("General Court, T-123/21", "v.cjeu", "EU"),
        ("case 1:25-cv-07546", None, "US"),
    ],
)
def test_a_docket_number_names_its_forum(text: str, venue: str | None, region: str) -> None:
    result = tagged(text)
    assert (result.venue, result.regions) == (venue, (region,))


def test_a_bare_number_like_a_european_one_needs_a_european_cue() -> None:
    assert tagged("part C-12/34 of the drawing").regions == ()


def test_a_country_that_is_merely_mentioned_decides_nothing() -> None:
    for text in (
        "The goods were made in Vietnam and sold by a German company.",
        "该公司在巴西设有工厂,产品销往墨西哥。",
        "A maker from Japan and its Indian distributor",
    ):
        assert tagged(text).regions == ()


def test_the_forum_beats_every_mention() -> None:
    text = (
        "German and Japanese firms, Germany, Japan, Deutschland: complaint in the Eastern District of Texas."
    )
    assert tagged(text).regions == ("US",)


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("A German court barred the sale.", "DE"),
        ("An appeal court in Kenya ruled.", "KE"),
        ("It was sued in Germany last year.", "DE"),
        ("德国法院判决停止销售", "DE"),
        ("越南修订知识产权法", "VN"),
        ("在美国被诉侵权", "US"),
        ("中国企业在美被诉", "US"),
        ("米国で提訴された", "US"),
        ("Das Landgericht Köln hat entschieden", "DE"),
        ("A Delhi court set a royalty", "IN"),
    ],
)
def test_a_country_right_beside_a_body_or_an_act_is_the_forums(text: str, region: str) -> None:
    assert tagged(text).regions == (region,)


def test_a_firms_nationality_is_not_its_forum() -> None:
    assert tagged("德国公司在美国起诉浙江企业").regions == ("US",)
    assert tagged("韩国企业被诉").regions == ()


@pytest.mark.parametrize(
    ("text", "venue"),
    [
        ("The UPC (Unified Patent Court, Munich Local Division)", "v.upc"),
        ("Scan the UPC barcode at the court", None),
        ("ITC instituted under section 337 of the Tariff Act", "v.us.itc"),
        ("The input tax credit (ITC) of the firm", None),
        ("CES in Las Vegas", "v.fair.us"),
        ("bauma China 上海 Messe", None),
        ("Bundespatentgericht, St. Gallen, Schweiz", None),
        ("Das Bundespatentgericht in München", "v.de.bpatg"),
        ("Opposition Division of the EPO", "v.epo"),
        ("Opposition Division of EUIPO", "v.euipo"),
    ],
)
def test_the_marks_on_ambiguous_forums_are_respected(text: str, venue: str | None) -> None:
    assert tagged(text).venue == venue


@pytest.mark.parametrize(
    "text",
    [
        "Atlanta, Georgia courts",
        "Jordan sued Nike",
        "the New Mexico court",
        "nail polish in court",
        "the guinea pig court",
        "American Airlines in court",
        "新墨西哥法院",
        "马里兰法院",
        "苏丹红案法院",
        "a PCT judge",
    ],
)
def test_the_marks_on_ambiguous_countries_are_respected(text: str) -> None:
    assert not {"GE", "JO", "MX", "PL", "GN", "ML", "SD", "WO"} & set(tagged(text).regions)


def test_longer_names_of_countries_win() -> None:
    assert tagged("赤道几内亚法院").regions == ("GQ",)
    assert tagged("印度尼西亚法院").regions == ("ID",)
    assert tagged("南苏丹法院").regions == ("SS",)


def test_a_party_is_no_forum() -> None:
    text = "KTC Technology, a Korea Trade Commission watcher"
    assert tagged("Korea Trade Commission decides").venue == "v.kr.ktc"
    assert tagged(text, parties=("KTC Technology, a Korea Trade Commission watcher",)).venue is None


def test_the_text_names_the_forum_within_the_titles_region() -> None:
    result = tagged("诺基亚向慕尼黑第一地区法院提起诉讼", title="OPPO在德国被诉")
    assert (result.venue, result.regions) == ("v.de.lg", ("DE",))


def test_hong_kong_and_taiwan_are_regions_of_their_own_code() -> None:
    assert tagged("香港海关检获冒牌货").regions == ("HK",)
    assert tagged("智慧財產及商業法院判決").regions == ("TW",)


def test_a_marketplace_has_no_region() -> None:
    result = tagged("Walmart Brand Portal complaint")
    assert (result.venue, result.regions) == ("v.plat.other", ())


@pytest.mark.parametrize(
    ("pattern", "hints"),
    [
        (r"\b337-TA-\d{3,4}\b", ("337-TA-",)),
        (r"\b(?:IPR|PGR)20\d{2}-\d{5}\b", ("IPR", "PGR")),
        (r"\bNo\. ?91\d{6}", ("No.",)),
        (r"[(（](?:ワ|ネ)[)）]", ()),
        (r"a|b", ()),
    ],
)
def test_a_docket_pattern_is_tried_where_a_piece_of_it_stands(pattern: str, hints: tuple[str, ...]) -> None:
    assert hints_of(pattern) == hints
