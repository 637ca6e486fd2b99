"""The ranking on the graded set: how good, and that nobody planted is ever ranked."""

from __future__ import annotations

import statistics

import pytest

from tests.experts.matching.draw import DIGEST, digest, draw
from tests.experts.matching.grading import graded, kept_grades
from tests.experts.matching.measure import interval, judged, ndcg, scores


def test_the_grades_are_those_that_the_rubric_gives_to_this_very_set() -> None:
    rows = draw()
    assert digest(rows) == DIGEST
    assert (len(rows), {len(row["experts"]) for row in rows}) == (60, {15})
    assert kept_grades() == {expert: grade for _, expert, grade in graded()}


def test_five_shown_are_nearly_the_best_five() -> None:
    means = {name: statistics.fmean(found) for name, found in scores().items()}
    assert means["seamark match"] >= 0.95
    assert means["seamark match"] > max(v for name, v in means.items() if name != "seamark match") + 0.2
    assert interval(scores()["seamark match"])[0] > interval(scores()["BM25 on profiles"])[1]


def test_nobody_planted_is_ranked_and_nobody_else_is_barred() -> None:
    for one in judged():
        ranked, held = {r.id for r in one.result.ranked}, {h.id for h in one.result.held}
        out = {e.id: e.causes for e in one.result.excluded}
        assert not one.row["traps"].keys() & ranked
        for who, trap in one.row["traps"].items():
            assert who in out or (who in held and trap["fate"] == "held"), (who, trap)
        assert held | out.keys() == one.row["traps"].keys()


def test_the_measure_itself() -> None:
    grades = {"a": 3, "b": 1, "c": 0}
    assert ndcg(["a", "b", "c"], grades, list(grades)) == 1
    assert ndcg(["b", "a", "c"], grades, list(grades)) == pytest.approx(
        (1 + 7 / 1.58496) / (7 + 1 / 1.58496), abs=1e-4
    )
    assert ndcg(["c"], grades, list(grades)) == 0
