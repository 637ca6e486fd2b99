"""Is China concerned? A party of the mainland, Hong Kong or Macao, or goods said to come from China. Taiwan firms are
not counted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from cases.places import chinese_places
from core.text import fold
from warning.rules.engine import Prepared
from warning.rules.model import Evidence

_ZH_FORM = re.compile(r"有限公司|有限责任公司|股份公司|集团|公司")
_PINYIN_FORM = re.compile(r"\b(?:youxian|gongsi|youxiangongsi|gufen|keji|dianzi|shangmao|maoyi)\w*", re.IGNORECASE)
_TAIWAN = re.compile(r"台湾|中華民國|\btaiwan|\btaipei|\bhsinchu|\btaichung|\bkaohsiung", re.IGNORECASE)
_GOODS = re.compile(
    r"people['’]?s republic of china|\bfrom china\b|\bin china\b|\bchina[- ](?:based|made)|\bof china\b(?! airlines)|"
    r"\bmade in china\b|\bchinese (?:compan|firm|manufactur|supplier|seller|compet|e-commerce|online|respondent|defendant|"
    r"electric|automaker|maker|tech|owned|parent|group|subsidiar|entit)\w*|"
    r"中国(?:企业|公司|厂商|制造|产品|出口|大陆|卖家|品牌|籍|内地)|我国企业|国内企业|涉华|中企|中国.{0,6}(?:被诉|被告|胜诉|和解)|"
    r"中国の|中国企業|chinesische[nrs]? ",
    re.IGNORECASE,
)
_WELL_KNOWN = (
    "Huawei", "ZTE", "Hikvision", "Dahua", "BOE", "DJI", "Lenovo", "TCL", "Xiaomi", "OPPO", "OnePlus", "Vivo Mobile",
    "Hisense", "BYD", "CATL", "Hytera", "Haier", "Midea", "Gree Electric", "Tencent", "Alibaba", "ByteDance", "TikTok",
    "Baidu", "Temu", "Shein", "Ninebot", "Roborock", "Ecovacs", "Anker", "JinkoSolar", "Jinko Solar", "Trina Solar",
    "JA Solar", "LONGi", "Sungrow", "SMIC", "YMTC", "Yangtze Memory", "CXMT", "Innoscience", "Autel", "Insta360",
    "Bambu Lab", "EcoFlow", "Angelalign", "Mindray", "BeiGene", "WuXi", "Fujian Jinhua", "Amperex", "CosMX", "Geely",
    "Chery", "Great Wall Motor", "SAIC Motor", "CRRC", "Realme", "Honor Device", "Transsion", "iFlytek", "SenseTime",
    "Goertek", "Luxshare", "Beatbot", "Aiper", "Dreame",
    "华为", "中兴通讯", "海康威视", "大华股份", "京东方", "大疆", "联想", "小米", "一加", "海信", "比亚迪", "宁德时代", "宁德新能源",
    "海能达", "海尔", "美的集团", "格力", "腾讯", "阿里巴巴", "字节跳动", "百度", "拼多多", "希音", "九号公司", "石头科技", "科沃斯",
    "安克创新", "晶科能源", "天合光能", "晶澳", "隆基", "阳光电源", "中芯国际", "长江存储", "长鑫存储", "英诺赛科", "影石", "冠宇",
    "传音", "迈瑞", "百济神州", "福建晋华", "正泰", "时代天使", "奇瑞", "吉利",
)  # fmt: skip


@cache
def _known() -> re.Pattern[str]:
    latin = sorted((n for n in _WELL_KNOWN if n.isascii()), key=len, reverse=True)
    han = sorted((n for n in _WELL_KNOWN if not n.isascii()), key=len, reverse=True)
    return re.compile(rf"(?<![A-Za-z])(?:{'|'.join(map(re.escape, latin))})(?![A-Za-z])|{'|'.join(han)}")


@cache
def _places() -> re.Pattern[str]:
    latin = sorted((p for p in chinese_places() if p.isascii()), key=len, reverse=True)
    return re.compile(rf"(?<![a-z])(?:{'|'.join(re.escape(p.lower()) for p in latin)})(?:shi|city|sheng)?(?![a-z])")


def china_evidence(
    parties: Sequence[tuple[str, str, str | None]], fields: Mapping[str, Prepared]
) -> list[Evidence]:
    """The reasons why China is concerned, at most three; none when it is not."""
    out: list[Evidence] = []
    for number, (name, _, country) in enumerate(parties):
        if reason := _party(name, country):
            start, end = reason
            out.append(_reason(f"parties[{number}].name", start, end, name[start:end]))
    for field, prepared in fields.items():
        raw = prepared.raw
        match = _GOODS.search(raw) or _known().search(raw)
        if match is None and (place := _places().search(fold(raw))):
            # A city alone is where a court sits or a fair is held; with a company's form it is a firm's.
            tail = raw[place.end() : place.end() + 60]
            if re.match(r"[\w\s&,.()\-]{0,50}\b(?:Co\.?,?|Ltd|Limited|Company|Group|Corp)", tail):
                match = place
        if match is None:
            match = next(
                (m for m in re.finditer(r"[\u4e00-\u9fff()（）]{2,30}?有限公司", raw) if not _TAIWAN.search(m.group())), None
            ) if not re.search(r"[\u3040-\u30ff]", raw) and not _TAIWAN.search(raw) else None
        if match is not None:
            out.append(_reason(field, match.start(), match.end(), match.group()))
    return out[:3]


def _party(name: str, country: str | None) -> tuple[int, int] | None:
    """The part of a party's name that shows it is Chinese; the whole name when its country says so."""
    if country is not None:
        return (0, len(name)) if country.upper() in ("CN", "HK", "MO") else None
    folded = fold(name)
    if _TAIWAN.search(folded):
        return None
    for pattern in (_known(), _PINYIN_FORM):
        if match := pattern.search(name):
            return match.span()
    if match := _places().search(folded):
        return match.span()
    if (match := re.search(r"\bchina\b|\bchinese\b|中国", folded)) and "republic of china (" not in folded:
        return match.span()
    is_japanese = re.search(r"[\u3040-\u30ff]|株式会社|合同会社", name)
    if not is_japanese and (match := _ZH_FORM.search(folded)):
        return match.span()
    return None


def _reason(field: str, start: int, end: int, text: str) -> Evidence:
    return Evidence("china_related:yes", "rule.china_related", "1", field, start, end, text, 2.0)
