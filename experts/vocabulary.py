"""The words of the libraries: classes of experts and agencies, qualifications, languages; from the taxonomy's facets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import yaml

from cases.taxonomy import FOLDER, Entry

#: kinds of agencies: the facets name them in Chinese only, so their ids and English stand here
_AGENCIES = (
    Entry("ag.law_domestic", "境内律所", "Chinese law firm"),
    Entry("ag.law_foreign", "境外律所", "Foreign law firm"),
    Entry("ag.patent", "专利代理机构", "Patent agency"),
    Entry("ag.trademark", "商标代理机构", "Trademark agency"),
    Entry("ag.mediation", "调解/仲裁机构", "Mediation or arbitration body"),
    Entry("ag.insurance", "保险机构/经纪", "Insurer or broker"),
    Entry("ag.appraisal", "鉴定评估机构", "Appraisal and valuation"),
    Entry("ag.search", "检索分析机构", "Search and analysis"),
    Entry("ag.translation", "翻译机构", "Translation"),
    Entry("ag.association", "行业协会", "Trade association"),
    Entry("ag.notary", "公证机构", "Notary office"),
)
#: the languages of the facets, in their own order
_LANGUAGES = {
    "zh": ("中文", "Chinese"),
    "en": ("英语", "English"),
    "de": ("德语", "German"),
    "fr": ("法语", "French"),
    "ja": ("日语", "Japanese"),
    "ko": ("韩语", "Korean"),
    "es": ("西班牙语", "Spanish"),
    "pt": ("葡萄牙语", "Portuguese"),
    "ru": ("俄语", "Russian"),
    "ar": ("阿拉伯语", "Arabic"),
    "vi": ("越南语", "Vietnamese"),
    "th": ("泰语", "Thai"),
    "id": ("印尼语", "Indonesian"),
    "it": ("意大利语", "Italian"),
    "nl": ("荷兰语", "Dutch"),
    "tr": ("土耳其语", "Turkish"),
}


@dataclass(frozen=True)
class Vocabulary:
    """Entries by id."""

    experts: Mapping[str, Entry]
    agencies: Mapping[str, Entry]
    languages: Mapping[str, Entry]
    qualifications: tuple[str, ...]

    def class_id(self, told: str, *, is_agency: bool) -> str:
        """The id of a class told by id, with or without its prefix, or by name; what is unknown stays as it is."""
        table = self.agencies if is_agency else self.experts
        prefix = "ag." if is_agency else "ec."
        text = told.strip()
        for identity in (text, text.lower(), f"{prefix}{text.lower()}"):
            if identity in table:
                return identity
        named = (e.id for e in table.values() if text.casefold() in (e.zh.casefold(), e.en.casefold()))
        return next(named, text)

    def label(self, identity: str, language: str) -> str:
        """The words for a class or a language in "zh" or "en"; the id itself when unknown."""
        for table in (self.experts, self.agencies, self.languages):
            if identity in table:
                return table[identity].zh if language == "zh" else table[identity].en
        return identity


@cache
def vocabulary() -> Vocabulary:
    """The libraries' words, read once."""
    facets = yaml.safe_load((FOLDER / "facets.yml").read_text(encoding="utf-8"))
    classes = (Entry(row["id"], row["zh"], row["en"]) for row in facets["expert_classes"])
    return Vocabulary(
        experts={entry.id: entry for entry in classes},
        agencies={entry.id: entry for entry in _AGENCIES},
        languages={tag: Entry(tag, *_LANGUAGES[tag]) for tag in facets["languages"]},
        qualifications=tuple(facets["qualifications"]),
    )
