"""Scores with what they rest on, the order, the explorer, agencies; and what holds whatever comes in."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experts.matching import as_json
from experts.matching.request import Cause
from experts.matching.score import freshness
from tests.experts.making import asked, expert, run


def _parts(change: dict[str, Any], **request: Any) -> dict[str, float]:
    return dict(run([expert(**change)], asked(**request)).ranked[0].parts)


def _many(count: int, **changes: Any) -> list[dict[str, Any]]:
    return [expert(f"x{n:02d}", **changes) for n in range(count)]


def test_the_score_is_the_sum_of_its_parts_and_each_part_has_its_evidence() -> None:
    (ranked,) = run([expert(bio="无人机云台 litigation", open=1)]).ranked
    assert ranked.score == round(sum(ranked.parts.values()), 2)
    assert set(ranked.parts) == {
        "industry", "text", "dispute", "forum", "language", "feedback", "place", "load",
    }  # fmt: skip
    assert all(ranked.evidence[part] for part, value in ranked.parts.items() if value)


def test_the_parts_keep_their_weights() -> None:
    case = {
        "venue": "v.us.txed",
        "dispute_type": "dt.patent_infringement",
        "industry": "ind.aviation_aerospace",
    }
    cases = [{**case, "on": "2026-11-01", "role": "lead"}] * 40
    text = "alpha bravo charlie delta echoes foxtrot golfing hotels"
    full = {"cases": cases, "bio": text, "feedback": {"mean": 5, "n": 10_000}}
    parts = _parts(full, text=text)
    assert [round(parts[p]) for p in ("industry", "text", "dispute", "forum", "language", "feedback", "place")] == [
        25, 10, 25, 15, 10, 10, 5,
    ]  # fmt: skip
    assert run([expert(**full)], asked(text=text)).ranked[0].score <= 100


def test_names_of_clients_and_opponents_are_never_evidence() -> None:
    shown = str(as_json(run([expert()])))
    assert "Quiet Harbour" not in shown
    assert "Stone Field" not in shown


def _one_case(**facts: Any) -> dict[str, Any]:
    told = {
        "venue": "v.us.txed",
        "dispute_type": "dt.patent_infringement",
        "industry": "ind.aviation_aerospace",
    }
    return {
        "cases": [{**told, "on": "2026-11-02", "role": "lead", **facts}],
        "industries": [],
        "dispute_types": [],
    }


def test_a_case_hardly_ages_for_years_says_half_after_eight_and_then_soon_nothing() -> None:
    said = {years: freshness(years * 365.25) for years in (0, 4, 8, 16)}
    assert said[0] == 1
    assert said[4] > 0.95
    assert said[8] == pytest.approx(0.5)
    assert said[16] < 0.001
    assert freshness(None) == 0.5
    fresh, old = _parts(_one_case())["industry"], _parts(_one_case(on="2012-11-02"))["industry"]
    assert old < fresh / 3


def test_the_first_matter_tells_the_most_and_a_declaration_adds_little_to_it() -> None:
    one, three = _one_case(), _one_case()
    three["cases"] = one["cases"] * 3
    first, more = _parts(one)["dispute"], _parts(three)["dispute"]
    assert first > 0.8 * more > 0
    declared = {**_one_case(), "industries": ["ind.aviation_aerospace"]}
    assert _parts(one)["industry"] < _parts(declared)["industry"] <= 25


def test_a_matter_anywhere_in_the_region_is_at_the_forum_while_the_forum_is_not_known() -> None:
    known = _parts(_one_case(venue="v.us.itc"))["forum"]
    unknown = _parts(_one_case(venue="v.us.itc"), venue=None)["forum"]
    assert unknown > known > 0


def test_the_weaker_language_decides() -> None:
    assert _parts({"languages": ["en:B1", "zh"]})["language"] == 4
    assert _parts({"languages": ["en", "zh"]})["language"] == 10


def test_leading_and_the_forum_itself_count_more() -> None:
    lead, support = _parts(_one_case())["forum"], _parts(_one_case(role="support"))["forum"]
    assert lead > support > 0
    same, near, far = (_parts(_one_case(venue=v))["dispute"] for v in ("v.us.txed", "v.us.itc", "v.epo"))
    assert same > near > far > 0
    assert _parts(_one_case(venue="v.epo"))["forum"] == 0


def test_few_answers_say_nothing_and_many_are_drawn_to_the_middle() -> None:
    few = _parts({"feedback": {"mean": 5, "n": 4}})["feedback"]
    none = _parts({"feedback": None})["feedback"]
    some, many = (_parts({"feedback": {"mean": 5, "n": n}})["feedback"] for n in (5, 500))
    assert few == none == 7.5
    assert none < some < many <= 10


def test_text_alone_counts_at_most_ten() -> None:
    words = " ".join(f"wording{n}" for n in range(500))
    assert _parts({"bio": words}, text=words)["text"] == 10


def test_a_load_takes_up_to_ten_and_never_below_nothing() -> None:
    assert _parts({"open": 0})["load"] == 0
    assert _parts({"open": 1, "capacity": 2})["load"] == -5
    bare = {"cases": [], "industries": [], "dispute_types": [], "class": "ec.academic", "admissions": []}
    (ranked,) = run(
        [expert(**bare, open=9, capacity=10, feedback={"mean": 1, "n": 900})], asked(languages=None)
    ).ranked
    assert ranked.score == 0


def test_between_equals_the_less_loaded_comes_first_and_then_a_digest_decides() -> None:
    idle, busy = expert("zz", open=0, capacity=None), expert("aa", open=2, capacity=None)
    assert [r.id for r in run([busy, idle]).ranked] == ["zz", "aa"]
    firsts = {run(_many(6), asked(id=f"r{n}")).ranked[0].id for n in range(40)}
    assert len(firsts) > 2, "nobody is always first"


def test_an_explorer_takes_the_last_place_within_k() -> None:
    known, new = _many(6), [expert(f"new{n}", feedback=None) for n in range(3)]
    result = run([*known, *new])
    assert len(result.ranked) == 5
    assert [r.exploration for r in result.ranked] == [False] * 4 + [True]
    assert str(result.ranked[-1].id).startswith("new")
    assert run([*known, *new]) == result
    chosen = {run([*known, *new], asked(id=f"r{n}")).ranked[-1].id for n in range(40)}
    assert len(chosen) == 3, "the request's id decides, and each has a turn"


def test_nobody_explores_who_comes_nowhere_near_the_place() -> None:
    unfit = [expert(f"new{n}", feedback=None, cases=[], industries=[]) for n in range(4)]
    assert not any(r.exploration for r in run([*_many(6), *unfit]).ranked)
    alike = [*_many(6, cases=[], industries=[]), *unfit]
    assert run(alike).ranked[-1].exploration, "where nobody has more to show, they have their turn"


@pytest.mark.parametrize(("known", "new", "k"), [(3, 2, 5), (8, 0, 5), (3, 3, 1)])
def test_nobody_explores_where_all_are_shown_nobody_is_new_or_one_is_asked_for(
    known: int, new: int, k: int
) -> None:
    everybody = [*_many(known), *(expert(f"new{n}", feedback=None) for n in range(new))]
    result = run(everybody, asked(k=k))
    assert not any(r.exploration for r in result.ranked)
    assert len(result.ranked) == min(k, known + new)


AGENCY: dict[str, Any] = {
    "name": "示例律所",
    "class": "ag.law_foreign",
    "status": "active",
    "verified": True,
    "offices": [{"region": "US", "admitted": True}],
    "languages": ["en", "zh"],
    "dispute_types": ["dt.patent_infringement"],
    "clients": [],
}


def _agency(identity: str, **changes: Any) -> dict[str, Any]:
    return {**AGENCY, "id": identity, **changes}


def test_agencies_are_at_least_three_in_an_order_that_says_nothing() -> None:
    six = [_agency(f"a{n}") for n in range(6)]
    assert len(run([], asked(k=1), six).agencies) == 3
    assert len(run([], asked(k=5), six).agencies) == 5
    assert len(run([], asked(k=1), six[:2]).agencies) == 2
    firsts = {run([], asked(id=n), six).agencies[0].id for n in range(40)}
    assert len(firsts) > 3


def test_a_better_agency_does_not_stand_first_for_it() -> None:
    good = _agency("a0", industries=["ind.aviation_aerospace"], offices=[{"venue": "v.us.txed"}])
    others = [_agency(f"a{n}") for n in range(1, 3)]
    places = {[a.id for a in run([], asked(id=n), [good, *others]).agencies].index("a0") for n in range(30)}
    assert places == {0, 1, 2}


@pytest.mark.parametrize(
    ("change", "causes"),
    [
        ({"status": "suspended"}, ["inactive"]),
        ({"verified": False}, ["unverified"]),
        ({"name": "Fernwood & Barlow"}, ["conflict"]),
        ({"clients": [{"name": "Acme Optics Inc.", "role": "client"}]}, ["conflict"]),
        ({"offices": [{"region": "JP"}]}, ["not_admitted"]),
        ({"offices": [{"region": "US", "admitted": False}]}, ["not_admitted"]),
        ({"languages": ["ja"]}, ["language"]),
        ({"dispute_types": ["dt.copyright"]}, ["dispute_type"]),
    ],
)
def test_agencies_are_held_to_the_same_rules(change: dict[str, Any], causes: list[str]) -> None:
    (out,) = run([], None, [_agency("a0", **change)]).agencies_excluded
    assert out.causes == causes


def test_an_agency_that_represents_nobody_needs_no_office_there() -> None:
    assert run([], None, [_agency("a0", **{"class": "翻译机构", "offices": []})]).agencies


def test_a_possible_conflict_of_an_agency_is_held_too() -> None:
    result = run([], asked(opponents=["Apple Inc."]), [_agency("a0", clients=[{"name": "Apple"}])])
    assert result.agencies == ()
    assert [h.id for h in result.agencies_held] == ["a0"]


def _maybe(values: Any) -> Any:
    return st.one_of(st.none(), values)


_NAMES = st.sampled_from(
    [
        "Acme Optics Inc.",
        "Acme",
        "海岚无人机",
        "Bluepeak",
        "Fernwood & Barlow",
        "Nobody Known GmbH",
        "LG",
        "  ",
    ]
)
_PLACES = st.fixed_dictionaries(
    {},
    optional={
        "venue": _maybe(st.sampled_from(["v.us.txed", "v.us.itc", "txed", "v.epo", "nowhere"])),
        "region": _maybe(st.sampled_from(["US", "EU", "cty.jp", "??"])),
        "from": _maybe(st.sampled_from(["2020-01-01", "2030", "2026-11"])),
        "to": _maybe(st.sampled_from(["2020-01-01", "2030", "2026-11-02"])),
    },
)
_EXPERTS = st.fixed_dictionaries(
    {},
    optional={
        "name": _maybe(_NAMES),
        "class": _maybe(st.sampled_from(["ec.litigator", "ec.academic", "x"])),
        "status": _maybe(st.sampled_from(["active", "active", "removed"])),
        "verified": _maybe(st.booleans()),
        "admissions": _maybe(st.lists(_PLACES, max_size=3)),
        "languages": _maybe(st.lists(st.sampled_from(["en", "zh-CN", "de"]), max_size=3)),
        "industries": _maybe(st.lists(st.sampled_from(["ind.aviation_aerospace", "ind.biopharma"]))),
        "dispute_types": _maybe(st.lists(st.sampled_from(["dt.patent_infringement", "dt.npe"]), max_size=2)),
        "cases": _maybe(
            st.lists(
                st.fixed_dictionaries(
                    {},
                    optional={
                        "venue": _maybe(st.sampled_from(["v.us.txed", "v.epo"])),
                        "dispute_type": _maybe(st.just("dt.patent_infringement")),
                        "industry": _maybe(st.just("ind.aviation_aerospace")),
                        "on": _maybe(st.sampled_from(["2025-01-01", "1999-01-01", "2030-01-01"])),
                        "role": _maybe(st.sampled_from(["lead", "support"])),
                        "client": _maybe(_NAMES),
                        "opponent": _maybe(_NAMES),
                    },
                ),
                max_size=3,
            )
        ),
        "employer": _maybe(st.fixed_dictionaries({}, optional={"name": _maybe(_NAMES), "group": _maybe(_NAMES)})),
        "clients": _maybe(
            st.lists(
                st.fixed_dictionaries(
                    {"name": _NAMES}, optional={"role": st.sampled_from(["client", "adverse"]), "to": _maybe(st.just("2019"))}
                ),
                max_size=2,
            )
        ),
        "capacity": _maybe(st.integers(0, 3)),
        "open": _maybe(st.integers(0, 3)),
        "available": _maybe(st.booleans()),
        "feedback": _maybe(st.fixed_dictionaries({"mean": _maybe(st.floats(1, 5)), "n": st.integers(0, 30)})),
        "bio": _maybe(st.text(max_size=20)),
    },
)  # fmt: skip


@given(
    experts=st.lists(
        st.one_of(_EXPERTS, st.just({k: v for k, v in expert().items() if k != "id"})), max_size=9
    ),
    k=st.integers(1, 6),
    identity=st.one_of(st.integers(), st.text()),
    seed=st.integers(0, 99),
)
def test_whatever_comes_in(experts: list[dict[str, Any]], k: int, identity: Any, seed: int) -> None:
    listed = [{**told, "id": n} for n, told in enumerate(experts)]
    request = asked(k=k, id=identity)
    result = run(listed, request, listed)
    shuffled = random.Random(seed).sample(listed, len(listed))
    assert run(shuffled, request, shuffled) == result, "the order of the input says nothing"
    ranked, held, out = ([r.id for r in group] for group in (result.ranked, result.held, result.excluded))
    assert len({*ranked, *held, *out}) == len(ranked) + len(held) + len(out), "nobody stands twice"
    assert len(ranked) <= k
    assert len(ranked) == k or len(ranked) + len(held) + len(out) == len(listed)
    scores = [r.score for r in result.ranked]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= r.score <= 100 for r in result.ranked)
    assert sum(r.exploration for r in result.ranked) <= 1
    order = [cause.value for cause in Cause]
    for one in result.excluded:
        assert one.causes == sorted(set(one.causes), key=order.index)
        assert one.cause == one.causes[0]
        assert one.detail
