"""Is it ours? Trade remedies, tax, labour and ordinary commerce get no tag of intellectual property; section 337 does even
where a notice never says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from warning.rules.tagger import TagInput, TagResult, load_rulebook, tag

OTHERS = [
    (
        "en",
        "The importer contests the antidumping duty on steel pipe before the Court of International Trade.",
    ),
    (
        "en",
        "Institution of Investigation No. 332-601, a fact-finding study of patent licensing in the rice trade",
    ),
    (
        "en",
        "A petition to the Tax Court contests transfer pricing and a tax deficiency; an injunction was denied.",
    ),
    ("en", "Drivers sue over unpaid wages and overtime pay; damages are claimed for breach of contract."),
    ("en", "A claim for goods sold and delivered: breach of contract and damages under a bill of lading."),
    ("en", "A passenger seeks damages for personal injury after a collision."),
    (
        "en",
        "The lender seeks an injunction under a loan agreement and the freezing of assets by a freezing order.",
    ),
    ("zh", "商务部对进口聚苯醚发起反倾销调查"),
    ("zh", "税务局要求企业补缴税款,企业提起行政诉讼"),
    ("zh", "员工提起劳动争议仲裁,要求支付加班费和损害赔偿"),
    ("zh", "双方因拖欠货款发生买卖合同纠纷,法院冻结账户"),
    ("zh", "建设工程合同违约,判令赔偿损失"),
    ("ja", "法人税の更正処分の取消しを求める行政訴訟"),
    ("ja", "未払賃金と残業代の支払を求め、損害賠償を請求した"),
    ("ja", "売買代金請求事件において契約違反を主張した"),
    ("ja", "建物明渡しの仮処分"),
    ("de", "Der Steuerbescheid des Finanzamts wird angefochten; Schadensersatz wird verlangt."),
    ("de", "Die Kündigungsschutzklage vor dem Arbeitsgericht wegen einer Abfindung"),
    ("de", "Klage auf Kaufpreiszahlung und Schadensersatz aus einem Mietvertrag"),
    ("de", "Die Kommission leitet ein Antidumpingverfahren zu Stahl ein."),
    ("fr", "Un redressement fiscal de la société et des dommages-intérêts."),
    ("ko", "부당해고 구제와 손해배상을 청구했다"),
    ("es", "El despido improcedente y los daños y perjuicios de la empleada."),
]
OURS = [
    (
        "A former engineer, dismissed, is sued for misappropriation of trade secrets; wrongful termination",
        "trade_secret",
    ),
    ("A licensee is in breach of contract under a patent license; unpaid invoices are claimed.", "patent"),
    ("税务局与专利侵权案无关,法院认定专利侵权", "patent"),
    ("Withholding tax on royalties: the copyright infringement suit goes on", "copyright"),
]


def tagged(text: str, language: str | None = None, **more: object) -> TagResult:
    """A record that is one text."""
    return tag(TagInput("x", text=text, language=language, **more), load_rulebook())  # type: ignore[arg-type]


@pytest.mark.parametrize(("language", "text"), OTHERS)
def test_matters_of_other_kinds_get_no_tag_of_ours(language: str, text: str) -> None:
    result = tagged(text, language)
    assert (result.dispute_types, result.ip_rights, result.remedies, result.outcomes) == ((), (), (), ())


@pytest.mark.parametrize(("text", "right"), OURS)
def test_a_right_at_stake_makes_them_ours(text: str, right: str) -> None:
    assert right in tagged(text).ip_rights


def test_a_nature_of_suit_says_it_before_any_word() -> None:
    text = "The plaintiff seeks a preliminary injunction and damages for breach of license agreement."
    assert tagged(text).dispute_types != ()
    for nature in ("870 Taxes", "442 Civil Rights: Employment", "110 Insurance", "710"):
        result = tagged(text, codes={"nos": (nature,)})
        assert (result.dispute_types, result.remedies) == ((), ()), nature
    assert "dt.copyright" in tagged(text, codes={"nos": ("820 Copyright",)}).dispute_types


def notices(data: Path, name: str) -> Iterator[TagInput]:
    """Each notice of a recording twice: as its words alone, and with its forum."""
    with (data / "federal_register" / f"{name}.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            for venue in (None, "v.us.itc"):
                yield TagInput(row["item_id"], row["title"], row["abstract"] or "", venue)


def test_no_other_notice_of_the_commission_is_ours(shared_data: Path) -> None:
    results = [(r.id, tag(r, load_rulebook())) for r in notices(shared_data, "itc_other_notices")]
    assert len(results) > 300
    assert [i for i, r in results if r.dispute_types or r.ip_rights or r.remedies or r.outcomes] == []


def test_every_procedural_notice_of_section_337_is_ours(shared_data: Path) -> None:
    results = [(r.id, tag(r, load_rulebook())) for r in notices(shared_data, "section337_procedural")]
    assert len(results) > 150
    wanted = ("dt.section_337", "US", "v.us.itc")
    wrong = [
        i for i, r in results if (*(d for d in r.dispute_types if "337" in d), *r.regions, r.venue) != wanted
    ]
    assert wrong == []
