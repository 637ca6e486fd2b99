"""The summary says what is stored, in both languages, and no more."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.deadlines.docket import next_deadline
from cases.models import Case, CaseEvent, Party, Tag
from cases.summary import day_en, day_zh, in_one, summarise

FACTS: dict[str, Any] = {
    "venue": "v.us.txed",
    "docket_number": "2:26-cv-00011",
    "caption": "Acme Optics Inc. v. Hailan Drone Technology Co., Ltd.",
    "title": "",
    "filed_on": date(2026, 1, 5),
    "latest_on": date(2026, 2, 27),
    "rights": [{"kind": "patent", "number": "US 9,123,456"}],
    "outcome": "Dismissed",
}
PARTIES = (("Acme Optics Inc.", "plaintiff"), ("Hailan Drone Technology Co., Ltd.", "defendant"))
TAGS = (
    ("dispute_type", "dt.patent_infringement"),
    ("ip_right", "patent"),
    ("industry", "ind.aviation_aerospace"),
    ("remedy", "injunction"),
    ("stage", "ps.answer"),
)


def made(parties: tuple[tuple[str, str], ...] = PARTIES, tags: Any = TAGS, **changes: Any) -> Case:
    """A case that was never stored."""
    case = Case(**{**FACTS, **changes})
    case.parties = [Party(name=name, role=role) for name, role in parties]
    case.tags = [Tag(kind=kind, value=value, weight=1.0) for kind, value in tags]
    return case


def test_a_whole_case_in_chinese_and_english() -> None:
    zh, en = in_one(summarise(made()))
    assert zh == (
        "2026年1月5日，Acme Optics Inc. 在得克萨斯东区联邦地区法院对 Hailan Drone Technology Co., Ltd. 提起诉讼。"
        "案由：专利侵权诉讼；涉及权利：发明专利 US 9,123,456；产品或技术领域：民用航空与航空航天。"
        "文书提到的措施：禁令。"
        "阶段：答辩/动议驳回；最近一次进展在2026年2月27日；来源所载结果：Dismissed。"
    )
    assert en.startswith(
        "On 5 January 2026 Acme Optics Inc. sued Hailan Drone Technology Co., Ltd. at E.D. Texas. "
        "Dispute: Patent infringement litigation; Rights: Patent US 9,123,456;"
    )


@pytest.mark.parametrize(
    ("without", "gone"),
    [
        ({"filed_on": None}, "2026年1月5日"),
        ({"rights": []}, "US 9,123,456"),
        ({"outcome": None}, "来源所载结果"),
        ({"latest_on": None}, "最近一次进展"),
        ({"latest_on": date(2026, 1, 5)}, "最近一次进展"),
        ({"tags": [t for t in TAGS if t[0] != "remedy"]}, "文书提到的措施"),
        ({"tags": [t for t in TAGS if t[0] != "stage"]}, "阶段"),
        ({"tags": [t for t in TAGS if t[0] != "industry"]}, "产品或技术领域"),
        ({"tags": [t for t in TAGS if t[0] != "dispute_type"]}, "案由"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_clause_is_there_only_when_its_fact_is(without: dict[str, Any], gone: str) -> None:
    assert gone in in_one(summarise(made()))[0]
    assert gone not in in_one(summarise(made(**without)))[0]


def test_an_outcome_the_rules_know_is_told_in_the_readers_words() -> None:
    zh, en = in_one(summarise(made(tags=[*TAGS, ("outcome", "dismissed")])))
    assert "文书所记结果：驳回、撤诉或终止。" in zh
    assert "the record tells: Dismissed, withdrawn or terminated." in en
    assert "来源所载结果" not in zh


def test_what_comes_next_is_said_with_its_basis() -> None:
    served = CaseEvent(
        on=date(2026, 2, 20), kind="SUMMONS Returned Executed", text="Hailan served on 2/19/2026"
    )
    coming = next_deadline("v.us.txed", [served], datetime(2026, 3, 2, tzinfo=UTC))
    zh, en = in_one(summarise(made(), coming))
    assert "下一个法定期限：美国联邦法院答辩，2026年3月12日（依据：FRCP 12(a)(1)(A)(i)；仅供参考）。" in zh
    assert "12 March 2026 (FRCP 12(a)(1)(A)(i); for reference only)." in en
    assert "法定期限" not in in_one(summarise(made()))[0]


def test_who_began_is_not_guessed_from_a_caption() -> None:
    for parties in ((), (("Acme", "party"), ("Hailan", "party")), (("Acme", "plaintiff"),)):
        first = summarise(made(parties))[0]
        assert first.zh == f"得克萨斯东区联邦地区法院案件：{FACTS['caption']}。"
        assert first.rests_on == ("venue", "caption")


@pytest.mark.parametrize(
    ("role", "other", "zh", "en"),
    [
        ("complainant", "respondent", "提出申诉", "filed a complaint against"),
        ("opposer", "applicant", "的申请提出异议", "opposed the application of"),
        ("petitioner", "patent_owner", "提出请求", "petitioned against"),
        ("appellant", "appellee", "提出上诉", "appealed against"),
    ],
)
def test_each_forum_has_its_own_verb(role: str, other: str, zh: str, en: str) -> None:
    told = in_one(summarise(made((("A", role), ("B", other)))))
    assert zh in told[0]
    assert f"A {en} B" in told[1]


def test_many_parties_and_rights_are_counted() -> None:
    parties = (("Acme", "plaintiff"), *((f"Firm {n}", "defendant") for n in range(5)))
    rights = [{"kind": "patent", "number": f"US {n}"} for n in range(4)]
    zh, en = in_one(summarise(made(parties, rights=rights)))
    assert "Firm 0、Firm 1 等 5 方" in zh
    assert "Firm 0, Firm 1 and 3 more" in en
    assert "等 4 项" in zh
    assert "Firm 2" not in zh


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_dates_are_written_as_each_language_does(on: date) -> None:
    assert day_zh(on) == f"{on.year}年{on.month}月{on.day}日"
    assert day_en(on) == f"{on.day} {on:%B} {on.year}"
