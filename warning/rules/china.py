"""Is China concerned? A party of the mainland, Hong Kong or Macao, or goods said to come from China. Taiwan firms are
not counted, nor is a firm from elsewhere whose Chinese name ends in 公司."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from cases.places import chinese_places
from core.text import fold
from warning.rules.engine import Found, Prepared, Vocabulary, prepare
from warning.rules.model import Evidence, Term, term_of

_HOME = ("CN", "HK", "MO")
#: reasons kept
_MOST = 3
_TAIWAN = re.compile(
    r"台湾|中华民国|\b(?:taiwan|taipei|hsinchu|taichung|kaohsiung|tainan|taoyuan)\b|新竹|台北|高雄",
    re.IGNORECASE,
)
_KANA = re.compile(r"[\u3040-\u30ff]")
_KANA_FORMS = ("株式会社", "合同会社", "有限会社")
_HAN = re.compile(r"[\u4e00-\u9fff]")
#: of which one stands in whatever _HAN_FORM finds
_HAN_FORMS = ("有限公司", "有限责任公司", "集团公司")
_HAN_FORM = re.compile(
    r"[\u4e00-\u9fff（）()·]{2,30}?(?:股份有限公司|有限责任公司|有限公司|集团公司|集團有限公司)"
)
#: 某河南贸易企业, 浙江企业, 深圳某科技公司, 10家广东企业
_PLACED_FIRM = (
    r"(?:省|市)?(?!海关|法院|警方|高等法院|高院|检方|检察)(?:(?:、[\u4e00-\u9fff]{2,3}){0,3}(?:等地)?[\u4e00-\u9fffA-Za-z0-9]{0,10}?"
    r"(?:公司|企业|集团|厂家|厂商|商家|卖家|股份|工厂|药厂|制造商|出口商|供应商|参展商|展商|生产商|贸易商|玩具商|品牌商|经销商|电商|大卖|网店|外贸|货主|商户|商人|个人|自然人|酒企|药企|车企|茶企|鞋企|灯企|名企|民企|国企|外企|企(?=被|遭|[、,,。]|$)|厂(?=被|遭|[、,,。]|$))"
    # 宁波凯耀灯具: a place, a name and what the firm makes
    r"|(?!海关|法院|市场|专利|知识|检察|公安|展|消费|国际|中级|高级|地区|大学)[\u4e00-\u9fff]{2,4}?"
    r"(?:科技|电子|电器|灯具|照明|机械|重工|药业|制药|医药|生物|光电|光伏|新材料|化工|纺织|服饰|鞋业|家具|家居|玩具|工贸|实业|贸易|"
    r"商贸|汽车|汽配|橡胶|轮胎|仪器|医疗|能源|风电|通信|软件|网络|信息|文具|卫浴|陶瓷|五金|工具|食品|酒业|茶业|电气|动力|精密)"
    r"(?!展(?![位台])|法|部|局|区|协会|学会|大学|园|城|论坛)"
    # 深圳素士在列: a name that says nothing, and what befalls a party
    r"|[\u4e00-\u9fff]{2,3}(?=在列|被诉|遭诉|起诉|胜诉|应诉|败诉|被列|列名|获赔))"
)
#: a stock listed in Shanghai, Shenzhen or Hong Kong
_TICKER = re.compile(r"(?<!\d)(?:(?:60|68|00|30)\d{4}(?:\.S[HZ])?|\d{4,5}\.HK)(?!\d)")
_TICKER_MARK = re.compile(r"\.(?:SH|SZ|HK)\b|[（(](?:60|68|00|30)\d{4}")
_LATIN_FIRM = re.compile(
    r"^[\w\s&,.()\-]{0,50}?\b(?:Co\b|Ltd|Limited|Company|Group|Corp|LLC|Inc)"
    # a Zhongshan lamp maker, Yiwu-based sellers
    r"|^(?:[ -][\w&-]+){0,3}? (?:makers?|manufacturers?|sellers?|suppliers?|exporters?|traders?|factory|firms?|merchants?"
    r"|vendors?|exhibitors?)\b|^-based\b",
    re.IGNORECASE,
)

_FROM_HAN = re.compile(r"(?:来自|产自|运自|发自|进口自)$")
#: 货柜自宁波发出, 从深圳发往
_SENT_FROM = re.compile(r"(?:自|从|由)$")
_SENT = re.compile(
    r"^(?:港|市|口岸|机场)?(?:发出|发往|启运|出口|运往|运抵|发货|寄出|寄往|出发|批发|采购|进货)"
)
_FROM = re.compile(r"\b(?:from|of|in|near|aus)\s$", re.IGNORECASE)


@cache
def _data() -> Mapping[str, Any]:
    path = Path(__file__).parent / "china.yml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@cache
def _listed() -> tuple[str, ...]:
    """Short names of listed firms."""
    path = Path(__file__).parent / "china_listed.yml"
    return tuple(yaml.safe_load(path.read_text(encoding="utf-8"))["short_names"].split())


class ChinaFinder:
    """Finds why China is concerned. Built once."""

    def __init__(self) -> None:
        data = _data()
        kinds: list[tuple[str, Term]] = []
        for words in data["firms"].values():
            kinds += [("firm", term_of(str(w))) for w in words]
        kinds += [("firm", Term(name, language="zh")) for name in _listed()]
        kinds += [("foreign", term_of(str(w))) for w in data["foreign"]["han"]]
        kinds += [("pinyin", Term(w, ends_inside=True)) for w in data["pinyin_forms"]]
        for language, words in data["said"].items():
            # 国产 is Chinese, 国産 is what Japan makes; 中国 says it in either.
            own = "zh" if language == "zh" else ""
            kinds += [("said", term_of(w, "" if w.startswith("中国") else own)) for w in words]
        kinds += [("not", Term(w)) for w in data["not_said"]]
        for name in chinese_places():
            if name in data["places_elsewhere"]:
                continue
            # Pinyin written as one word goes on: Guangzhoushi, Shenzhenshi.
            kinds.append(("place", Term(name, ends_inside=False)))
            if name.isascii():
                kinds += [("place", Term(f"{name}{tail}")) for tail in ("shi", "sheng")]
        kept = {term: kind for kind, term in reversed(kinds)}
        #: every term, by number
        self.terms: Sequence[Term] = list(kept)
        self._kinds = list(kept.values())
        self._vocabulary: Vocabulary | None = None

    def find(
        self,
        parties: Sequence[tuple[str, str, str | None]],
        fields: Mapping[str, Prepared],
        found: Mapping[str, Sequence[Found]],
    ) -> list[Evidence]:
        """The reasons why China is concerned, at most three; none when it is not."""
        out: list[Evidence] = []
        for number, (name, _, country) in enumerate(parties):
            if span := self._party(name, country):
                out.append(_reason(f"parties[{number}].name", *span, name))
        for field, prepared in fields.items():
            if span := self._text(prepared, found[field]):
                out.append(_reason(field, *span, prepared.raw))
        return out[:_MOST]

    def firms(self, found: Mapping[str, Sequence[Found]]) -> dict[str, list[tuple[int, int]]]:
        """Where firms known by name stand, Chinese or not, by field."""
        return {
            field: [(h.start, h.end) for h in hits if self._kinds[h.term] in ("firm", "foreign")]
            for field, hits in found.items()
            if hits
        }

    def _by_kind(self, hits: Iterable[Found]) -> dict[str, list[Found]]:
        kinds: dict[str, list[Found]] = {}
        for hit in hits:
            kinds.setdefault(self._kinds[hit.term], []).append(hit)
        against = [*kinds.get("not", ()), *kinds.get("foreign", ())]
        for kind in ("firm", "said"):
            kinds[kind] = [
                h
                for h in kinds.get(kind, ())
                if not any(
                    n.start <= h.start and h.end <= n.end and n.end - n.start >= h.end - h.start
                    for n in against
                )
            ]
        return kinds

    def _text(self, prepared: Prepared, hits: Sequence[Found]) -> tuple[int, int] | None:
        raw = prepared.raw
        kinds = self._by_kind(hits) if hits else {}
        for kind in ("firm", "said"):
            if kinds.get(kind):
                return min((h.start, h.end) for h in kinds[kind])
        is_ascii = raw.isascii()
        if is_ascii and not kinds:
            return None
        is_chinese = not is_ascii and not _is_japanese(raw)
        for place in kinds.get("place", ()):
            # A city alone is where a court sits or a fair is held; with a company's form it is a firm's.
            words = raw[place.start : place.end]
            if words.isascii() and (
                _LATIN_FIRM.match(raw[place.end :])
                or _FROM.search(raw[max(0, place.start - 12) : place.start])
            ):
                return place.start, place.end
            if not words.isascii() and is_chinese:
                before, after = raw[max(0, place.start - 4) : place.start], raw[place.end : place.end + 8]
                if _FROM_HAN.search(before) or (_SENT_FROM.search(before) and _SENT.match(after)):
                    return place.start, place.end
            tail = re.match(_PLACED_FIRM, raw[place.end :]) if not words.isascii() and is_chinese else None
            if tail is not None and not self._is_foreign(kinds, place.start, place.end + tail.end()):
                return place.start, place.end + tail.end()
        if is_chinese and _HAN.search(raw):
            if prepared.has_digit and _TICKER_MARK.search(raw) and (ticker := _TICKER.search(raw)):
                return ticker.span()
            for firm in _HAN_FORM.finditer(raw) if any(form in raw for form in _HAN_FORMS) else ():
                if not _TAIWAN.search(fold(firm.group())) and not self._is_foreign(kinds, *firm.span()):
                    return firm.span()
        return None

    def _is_foreign(self, kinds: Mapping[str, Sequence[Found]], start: int, end: int) -> bool:
        return any(start <= h.start < end for h in kinds.get("foreign", ()))

    def _party(self, name: str, country: str | None) -> tuple[int, int] | None:
        """The part of a party's name that shows it is Chinese; the whole name when its country says so."""
        if country is not None:
            return (0, len(name)) if country.upper() in _HOME and name else None
        if _TAIWAN.search(fold(name)):
            return None
        if self._vocabulary is None:
            self._vocabulary = Vocabulary(self.terms)
        kinds = self._by_kind(self._vocabulary.find(prepare(name))[0])
        for kind in ("firm", "pinyin", "place", "said"):
            if kinds.get(kind):
                return kinds[kind][0].start, kinds[kind][0].end
        if not _is_japanese(name) and (form := _HAN_FORM.search(fold(name))):
            return None if self._is_foreign(kinds, *form.span()) else form.span()
        return None


def _is_japanese(text: str) -> bool:
    return _KANA.search(text) is not None or any(form in text for form in _KANA_FORMS)


def _reason(field: str, start: int, end: int, raw: str) -> Evidence:
    return Evidence("china_related:yes", "rule.china_related", "3", field, start, end, raw[start:end], 2.0)
