"""Finding terms: every trap measured in the notes on multi-pattern engines has its test here."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from warning.rules.engine import Vocabulary, longest, prepare, stands_alone, variants
from warning.rules.model import Term, term_of


def found(text: str, *terms: Term | str, languages: frozenset[str] | None = None) -> list[str]:
    """The raw words of every hit, in order of place."""
    listed = [t if isinstance(t, Term) else term_of(t) for t in terms]
    prepared = prepare(text)
    return [text[h.start : h.end] for h in longest(Vocabulary(listed).find(prepared, languages)[0])]


def test_a_refused_longer_match_does_not_swallow_a_shorter_one() -> None:
    # Leftmost-longest in the engine would take "ai chip", refuse it at the s, and lose "ai".
    assert found("ai chipset", "ai chip", "ai") == ["ai"]


def test_the_longest_of_overlapping_terms_is_kept() -> None:
    assert found("a lithium-ion battery pack", "battery", "lithium ion battery", "battery pack") == [
        "lithium-ion battery"
    ]


_BESIDE = st.text(alphabet=st.one_of(st.sampled_from("rich é?яß_中9ő'’ "), st.characters()), max_size=3)


@given(_BESIDE, _BESIDE)
def test_a_word_stands_alone_where_no_letter_of_any_script_but_cjk_is_beside_it(
    before: str, after: str
) -> None:
    prepared = prepare(f"{before}rich{after}")
    text = prepared.folded
    places = [at for at in range(len(text)) if text.startswith("rich", at) and stands_alone(text, at, at + 4)]
    hits = Vocabulary([term_of("rich", "de")]).find(prepared)[0]
    assert [(h.start, h.end) for h in hits] == [prepared.raw_span(at, at + 4) for at in places]


def test_a_letter_beyond_latin_1_joins_a_word_at_either_end() -> None:
    assert found("яrich", "rich") == found("richя", "rich") == found("Łrich", "rich") == []
    assert found("?rich?", "rich") == found("中rich中", "rich") == ["rich"]
    assert found("9rich", "rich") == found("rich9", "rich") == found("rich_", "rich") == []


def test_a_latin_term_inside_chinese_text_stands_alone() -> None:
    assert found("人工智能AI芯片", "AI", "芯片", "人工智能") == ["人工智能", "AI", "芯片"]


def test_a_term_is_not_found_inside_a_longer_word() -> None:
    assert found("maintain the paint", "ai") == []


def test_letters_beyond_ascii_continue_a_word() -> None:
    assert found("Zürich", "rich") == []
    assert found("München", "m") == []


def test_a_chinese_term_needs_no_boundary() -> None:
    assert found("国内光伏组件厂", "光伏") == ["光伏"]


def test_spans_stay_true_beside_characters_that_lower_to_two() -> None:
    # 'İ'.lower() has two code points, and NFKC makes two of ﬁ and four of ㍿.
    for prefix in ("İ", "ﬁ", "㍿", "İﬁ㍿"):
        text = f"{prefix} 半導體 AI"
        assert found(text, "半导体", "AI") == ["半導體", "AI"]


def test_traditional_characters_and_full_width_letters_are_folded() -> None:
    assert found("侵害專利權，ＬＴＥ終端", "专利权", "LTE") == ["專利權", "ＬＴＥ"]


def test_taiwan_vocabulary_is_a_term_of_its_own() -> None:
    assert found("積體電路與晶片", "集成电路", "芯片") == []
    assert found("積體電路與晶片", "积体电路", "晶片") == ["積體電路", "晶片"]


def test_japanese_forms_meet_the_same_fold() -> None:
    assert found("東京地方裁判所 特許権", "東京地方裁判所", "特許権") == ["東京地方裁判所", "特許権"]


def test_characters_that_only_japan_writes_stay() -> None:
    # 東京 folds to 东京 on both sides; 発 and 営 are no traditional forms and stay what they are.
    assert [prepare(word).folded for word in ("東京", "発明", "営")] == ["东京", "発明", "営"]
    assert found("発明者と營業秘密", "发明", "営業") == []


def test_spans_are_code_points_and_not_bytes_nor_code_units() -> None:
    assert found("𠮷野家の芯片 é Zürich 半导体", "芯片", "半导体") == ["芯片", "半导体"]


def test_a_soft_hyphen_or_zero_width_space_hides_nothing() -> None:
    assert found("semi\u00adconductor and elec\u200btrolyte", "semiconductor", "electrolyte") == [
        "semi\u00adconductor",
        "elec\u200btrolyte",
    ]


def test_line_ends_double_spaces_and_hyphens_are_one_space() -> None:
    for written in ("ai chip", "ai-chip", "ai  chip", "ai\nchip", "ai\u00a0chip", "ai –\n chip"):
        assert found(f"an {written} maker", "ai chip") == [written]
    assert found("an ai chip maker", "ai-chip") == ["ai chip"]


def test_a_line_end_between_ideographs_is_no_gap() -> None:
    assert found("涉嫌侵犯集成\n电路专利", "集成电路") == ["集成\n电路"]
    assert found("株 式 会 社", "株式会社") == ["株 式 会 社"]


def test_an_empty_line_parts_ideographs() -> None:
    assert found("侵犯专利\n\n商标另案", "专利商标") == []


def test_a_span_is_never_turned_around() -> None:
    prepared = prepare("the 芯片 14 芯片")
    assert [(h.start, h.end) for h in Vocabulary([Term("芯片")]).find(prepared)[0]] == [(4, 6), (10, 12)]


def test_english_terms_are_found_in_plural_and_singular() -> None:
    assert found("three batteries, two switches, a drone", "battery", "switch", "drones") == [
        "batteries",
        "switches",
        "drone",
    ]
    assert list(variants(Term("ss"))) == ["ss"]


def test_an_acronym_counts_as_written_and_in_its_plural() -> None:
    term = Term("TRO", is_exact=True)
    assert found("the TRO and two TROs; tro, Tro", term) == ["TRO", "TROs"]


def test_a_marked_term_may_be_part_of_a_compound() -> None:
    assert found("Klagepatents und Patentanspruch", "*patent*") == ["patent", "Patent"]
    assert found("Klagepatents und Patentanspruch", "Patent*") == ["Patent"]
    assert found("Klagepatents und Patentanspruch", "Patent") == []


def test_a_word_counts_in_its_own_language_only() -> None:
    indictment = Term("起訴", language="ja")
    assert found("起诉", indictment, languages=frozenset({"zh"})) == []
    assert found("起訴された", indictment, languages=frozenset({"ja"})) == ["起訴"]


def test_an_ambiguous_term_needs_its_cue_in_the_sentence() -> None:
    term = Term("UPC", is_exact=True, need=("court", "Division"), veto=("barcode",))
    assert found("The UPC court ruled.", term) == ["UPC"]
    assert found("The UPC ruled. A court elsewhere sat.", term) == []
    assert found("The UPC barcode and the court.", term) == []


def test_an_abbreviation_ends_no_sentence() -> None:
    term = Term("UPC", is_exact=True, need=("court",))
    assert found("The UPC, in Foo Co., Ltd. v. Bar, is a court.", term) == ["UPC"]


def test_each_reader_gets_its_own_terms_from_one_automaton() -> None:
    vocabulary = Vocabulary([Term("patent")], [Term("court"), Term("patent")])
    first, second = vocabulary.find(prepare("a patent court"))
    assert [h.term for h in first] == [0]
    assert sorted(h.term for h in second) == [0, 1]
    assert sorted(vocabulary.patterns) == ["court", "courts", "patent", "patents"]


def test_a_rulebook_without_terms_finds_nothing() -> None:
    assert Vocabulary([]).find(prepare("anything")) == [[]]


@given(st.text(max_size=80))
def test_every_place_of_a_prepared_text_is_a_place_of_the_raw_one(raw: str) -> None:
    prepared = prepare(raw)
    if prepared.places is None:
        assert len(prepared.folded) == len(raw)
    else:
        assert len(prepared.places) == len(prepared.folded)
        assert list(prepared.places) == sorted(set(prepared.places))
        assert all(0 <= place < len(raw) for place in prepared.places)


@given(st.text(alphabet="ai chp-\n\u00ad片芯AIş", max_size=40))
def test_a_hit_is_the_term_when_squeezed(text: str) -> None:
    terms = [term_of("ai chip"), term_of("ai"), term_of("芯片")]
    prepared = prepare(text)
    for hit in Vocabulary(terms).find(prepared)[0]:
        squeezed = prepare(text[hit.start : hit.end]).folded.strip()
        assert squeezed in set(variants(terms[hit.term]))
