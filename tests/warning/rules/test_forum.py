"""The forum decides the region; a country that is merely mentioned decides nothing."""

from __future__ import annotations

import pytest

from cases.taxonomy import NameMark
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
        ("Fed. Cir. No. 2023-1234", "v.us.cafc", "US"),
        ("No. 23-1234, Supreme Court of the United States", "v.us.scotus", "US"),
        ("CBP ruling HQ H301234", "v.us.cbp", "US"),
        ("TTAB, Opposition No. 91234567", "v.us.ttab", "US"),
        ("EUIPO, opposition B 3 123 456", "v.euipo", "EU"),
        ("EUIPO Board of Appeal, R 1234/2021-4", "v.euipo", "EU"),
        ("ECLI:EU:T:2023:12", "v.cjeu", "EU"),
        ("T 0123/21 of the EPO Board", "v.epo", "EP"),
        ("ECLI:DE:BGH:2023:010123UIZR1.22.0", "v.de.bgh", "DE"),
        ("ECLI:DE:BPatG:2023:010123B30Wpat", "v.de.bpatg", "DE"),
        ("Urteil 4a O 12/22", "v.de.lg", "DE"),
        ("Urteil 2 U 12/22", None, "DE"),
        ("OGH 4 Ob 12/21x", None, "AT"),
        ("HG210123-O", None, "CH"),
        ("UKIPO decision BL O/0123/24", "v.gb.ukipo", "GB"),
        ("Tribunal judiciaire, N° RG 21/12345", "v.fr.tj", "FR"),
        ("ECLI:NL:RBDHA:2022:1234", "v.nl.hague", "NL"),
        ("Tribunale di Torino, R.G. 12345/2021", "v.it.milan", "IT"),
        ("ECLI:ES:JMB:2022:12", "v.es.bcn", "ES"),
        ("дело СИП-123/2023", "v.ru.ipc", "RU"),
        ("審判番号 無効2020-800012", "v.jp.jpo", "JP"),
        ("無効2020-800012", None, "JP"),
        ("2021허1234 판결", "v.kr.court", "KR"),
        ("2020당1234 심결", "v.kr.kipo", "KR"),
        ("무역위원회 제2023호", "v.kr.ktc", "KR"),
        ("CS(COMM) 123/2021", "v.in.dhc", "IN"),
        ("[2023] SGHC 12", "v.sg.hc", "SG"),
        ("WA-22IP-12-03/2021", "v.my.hc", "MY"),
        ("Thai CIPITC, Tor Por 12/2563", "v.th.cipitc", "TH"),
        ("12/Pdt.Sus-Merek/2021/PN Niaga", "v.id.cc", "ID"),
        ("12/2021/KDTM-ST", "v.vn.court", "VN"),
        ("NSD123/2022", "v.au.fca", "AU"),
        ("[2023] HKCFI 123", "v.hk.cfi", "HK"),
        ("111年度民專上字第12號", "v.tw.ipcc", "TW"),
        ("0001234-56.2021.8.19.0001", "v.br.court", "BR"),
        ("P.C. 123/2020", "v.mx.impi", "MX"),
        ("T-1234-21 in the Federal Court", "v.ca.fc", "CA"),
        ("SIC, Radicado No. 20-123456", "v.co.sic", "CO"),
        ("UDRP complaint HK-2201234", "v.adndrc", "HK"),
        ("SIAC ARB 123 of 2020", "v.siac", "SG"),
        ("ICC Case No. 12345", "v.icc", "FR"),
    ],
)
def test_a_docket_number_names_its_forum(text: str, venue: str | None, region: str) -> None:
    result = tagged(text)
    assert (result.venue, result.regions) == (venue, (region,))


def test_a_number_that_needs_a_cue_says_nothing_without_it() -> None:
    for text in (
        "No. 2023-1234",
        "B 3 123 456",
        "R.G. 12345/2021",
        "HK-2201234",
        "N° RG 21/12345",
        "O/123/24",
    ):
        assert tagged(text).venue is None, text


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


MARKS = load_rulebook().taxonomy.marks.values()


def said_of(alias: str) -> set[str]:
    """The regions named by a court or an office right beside a name."""
    texts = (f"the {alias} court ruled", f"A court in {alias} ruled.", f"{alias}法院判决")
    return {region for text in texts for region in tagged(text).regions}


def owners_of(alias: str) -> set[str]:
    """The codes of the regions that go by a name."""
    regions = load_rulebook().taxonomy.regions.values()
    return {
        r.code
        for r in regions
        if alias in (r.zh.removeprefix("中国"), r.en, *(a for words in r.aliases.values() for a in words))
    }


@pytest.mark.parametrize("mark", MARKS, ids=lambda m: m.alias)
def test_every_mark_on_an_ambiguous_name_is_respected(mark: NameMark) -> None:
    owners = owners_of(mark.alias)
    # 欧盟商标 holds 欧盟, which is a name of its own; and a court is itself one of the cues of UPC.
    is_told_otherwise = mark.alias == "欧盟商标" or {"court", "法院"} & set(mark.need)
    if (mark.is_never or mark.need) and not is_told_otherwise:
        assert not said_of(mark.alias) & owners
    if mark.need and not mark.is_never and owners:
        cue = mark.need[0]
        assert tagged(f"the {mark.alias} court of {cue} ruled, {cue}法院").regions != ()
    if mark.is_exact:
        assert not said_of(mark.alias.swapcase()) & owners
        assert said_of(mark.alias) & owners
    for longer in mark.longer:
        assert not said_of(longer) & owners, longer
    for cue in mark.veto:
        assert not set(tagged(f"the {mark.alias} court, {cue}").regions) & owners, cue


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
    ("text", "region"),
    [
        ("Automechanika: gefälschte Bremsbeläge beschlagnahmt", "DE"),
        ("Flughafen Leipzig: das Zollamt hält eine Sendung an", "DE"),
        ("LG Stuttgart, Urteil über Bremsen", "DE"),
        ("Zollamt Wien stellt Brillen sicher", "AT"),
        ("日本对中国产石墨电极征收反倾销税", "JP"),
        ("越南工贸部对钢板作出终裁", "VN"),
        ("TikTok上诉哥伦比亚特区巡回法院", "US"),
        ("35:271 Patent Infringement", "US"),
        ("欧盟新外观设计条例5月1日施行", "EU"),
        ("平成19年(ワ)9999号", "JP"),
        ("EPA: Einspruchsabteilung widerruft das Patent", "EP"),
    ],
)
def test_an_office_a_fair_or_an_act_names_the_forum(text: str, region: str) -> None:
    assert tagged(text).regions == (region,)


@pytest.mark.parametrize(
    "text",
    [
        "Automechanika Shanghai ist eröffnet",
        "Zollamt Basel stellt Uhren sicher",
        "日本对中国企业的看法",
        "The EPA sets Clean Air rules for engines",
        "in 35:271 minutes",
    ],
)
def test_what_only_looks_like_a_forum_of_that_place_is_none(text: str) -> None:
    assert not {"DE", "JP", "EP", "US"} & set(tagged(text).regions)


@pytest.mark.parametrize(
    "text",
    [
        "武汉中院裁定:不得在印度申请禁令",
        "(2023)最高法知民终12号,产品销往德国",
        "义乌海关查获发往智利的玩具,德国商标",
        "中国の裁判所は日本メーカーの請求を棄却した",
    ],
)
def test_a_forum_of_the_mainland_has_no_region_and_leaves_none_to_what_is_mentioned(text: str) -> None:
    assert tagged(text).regions == ()


def test_a_forum_abroad_keeps_its_region_beside_one_of_the_mainland() -> None:
    assert tagged("德里高等法院不理会武汉中院的禁诉令,德里高等法院命其撤回").regions == ("IN",)


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("デュッセルドルフ高裁の判断", "DE"),
        ("ソウル中央地裁が実刑", "KR"),
        ("中国最高裁に相当", None),
        ("不服2022-4567", "JP"),
        ("意匠登録第1583451号に係る無効審判", "JP"),
        ("改正意匠法が施行された", "JP"),
        ("Bundesarbeitsgericht: Urteil", "DE"),
        ("Comité wins, Amsterdam court", "NL"),
    ],
)
def test_a_court_told_by_its_city_is_that_state_s(text: str, region: str | None) -> None:
    assert tagged(text).regions == ((region,) if region else ())
