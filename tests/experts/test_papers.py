"""The seven documents say what the record says, to those who may have them, and a centre's own template stands in."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import pytest

from core.errors import BadInput, NotFound
from core.paper_docx import docx_of
from experts import aftercare, casework, consultations
from experts.consultation_models import Consultation
from experts.papers import KINDS, offered, paper
from house import House
from tests.experts.matter import Matter

FIRM_HAS = {
    "submitted": {"application"},
    "rejected": {"application", "refusal"},
    "opinion_issued": {"application", "acceptance", "opinion"},
}


@pytest.fixture
def matter(house: House) -> Matter:
    return Matter(house)


def _bring(matter: Matter, state: str) -> None:
    if state == "rejected":
        matter.to("submitted").on(casework.reject, "staff", reason="not_overseas_ip", note="对方在国内起诉")
    else:
        matter.to(state)


def _offered(matter: Matter, who: str) -> set[str]:
    with matter.house.database.read() as session:
        return set(offered(session.get_one(Consultation, matter.id), matter.actors[who]))


def _paper(matter: Matter, who: str, kind: str, own: Path = Path("none")) -> str:
    return matter.do(paper, who, matter.id, kind, own=own, translate=str)[1]


def _words(html: str) -> str:
    document = docx.Document(io.BytesIO(docx_of(html)))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


@pytest.mark.parametrize("state", list(FIRM_HAS))
def test_who_may_have_which(matter: Matter, state: str) -> None:
    _bring(matter, state)
    assert _offered(matter, "firm") == FIRM_HAS[state]
    assert _offered(matter, "staff") == {*FIRM_HAS[state], "dossier"}
    if state == "opinion_issued":
        assert _offered(matter, "expert") == {"opinion"}
    for kind in KINDS:
        for who in ("firm_b", "second", "other_staff"):
            with pytest.raises(NotFound):
                _paper(matter, who, kind)


def test_every_document_is_drawn_and_says_what_was_done(matter: Matter) -> None:
    matter.to("submitted")
    matter.on(aftercare.ask_supplement, "staff", note="请补充起诉状\n和送达回证")
    said = {"supplement": ["请补充起诉状", "和送达回证", "暂停"]}
    for kind, words in said.items():
        assert all(word in _words(_paper(matter, "firm", kind)) for word in words)
    matter.on(aftercare.supply, "firm")
    matter.on(casework.accept, "staff", urgency="u1")
    assert "特急" in _words(_paper(matter, "firm", "acceptance"))
    assert "4 个工作小时内" in _words(_paper(matter, "firm", "acceptance"))
    matter.to("opinion_issued")
    opinion = _words(_paper(matter, "expert", "opinion"))
    assert "facts: 内容" in opinion and "声明与本件当事人无利益冲突" in opinion and "SHA-256" in opinion
    application = _words(_paper(matter, "firm", "application"))
    assert all(word in application for word in ("Acme Optics Inc.", "2:26-cv-00011", "李工", "美国"))
    dossier = _words(_paper(matter, "staff", "dossier"))
    assert all(word in dossier for word in ("待补正", "专家one", "声明无利益冲突", "未登记"))


def test_an_end_before_the_opinion_says_why(matter: Matter) -> None:
    matter.to("guiding")
    matter.on(aftercare.terminate, "staff", reason="settled", note="双方和解")
    words = _words(_paper(matter, "firm", "termination"))
    assert "settled" in words and "双方和解" in words


def test_what_the_firm_writes_is_words_and_never_markup(matter: Matter) -> None:
    matter.on(consultations.save_draft, "firm", {"story": "<img src=x onerror=1>{{ 7*7 }}"})
    matter.to("submitted")
    html = _paper(matter, "firm", "application")
    assert "<img" not in html and "{{ 7*7 }}" in html


def test_a_centres_own_template_stands_in_and_runs_in_a_sandbox(matter: Matter, tmp_path: Path) -> None:
    matter.to("submitted")
    own = tmp_path / "application.html"
    own.write_text(
        '{% extends "_paper.html" %}{% block body %}<p>本中心格式 {{ firm }}</p>{% endblock %}',
        encoding="utf-8",
    )
    assert "本中心格式" in _paper(matter, "firm", "application", tmp_path)
    for bad in ("{% if %}", "{{ firm.__class__.__mro__ }}"):
        own.write_text(bad, encoding="utf-8")
        with pytest.raises(BadInput):
            _paper(matter, "firm", "application", tmp_path)
