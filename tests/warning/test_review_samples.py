"""Samples that several read alone: a fair draw, blind answers, agreement, corrections of what all say, and figures."""

from __future__ import annotations

import uuid
from collections import Counter

import pytest

from cases.facts import RawParty
from core.actor import VISITOR, Actor
from core.errors import BadInput, NotAllowed, NotFound
from house import House
from tests.factories import bring_firms, drain, member, origin, raw_case, record, staff
from tests.warning.rule_world import author, second
from tests.warning.test_corrections import say, tags
from warning.quality import Figures, quality, read_in, total
from warning.review_models import ReviewSample, Verdict
from warning.review_samples import (
    agreed_changes,
    apply_agreed,
    draw,
    judge,
    may_see_answers,
    pairings,
    progress,
    to_read,
)

PATENT = ("dispute_type", "dt.patent_infringement")
PHARMA = ("industry", "ind.biopharma")
CASES = 8


@pytest.fixture
def cases(each_house: House) -> House:
    bring_firms(each_house)
    parties = (RawParty("Acme Optics Inc.", "plaintiff"), RawParty("Nobody We Know LLC", "defendant"))
    for number in range(CASES):
        record(each_house, raw_case(f"2:26-cv-{number}", parties=parties))
    drain(each_house)
    return each_house


def drawn(house: House, size: int = 5, **told: object) -> ReviewSample:
    with house.database.write() as session:
        book = house.shelf.current(session).version
        return draw(session, house.clock, author(house), "Monthly", size, rulebook=book, **told)  # type: ignore[arg-type]


def read_all(
    house: House,
    sample: uuid.UUID,
    actor: Actor,
    *,
    wrong: set[tuple[str, str]] = frozenset(),  # type: ignore[assignment]
    missing: tuple[tuple[str, str], ...] = (),
    most: int = 99,
) -> int:
    """Read on to the end, or ``most`` cases; every tag is right but those that are ``wrong``."""
    for count in range(most):
        with house.database.write() as session:
            found = to_read(session, actor, sample)
            if found is None:
                return count
            said = {pair: "wrong" if pair in wrong else "right" for pair in found.tags}
            judge(session, house.clock, actor, sample, found.case.id, said, missing)
    return most


def test_a_draw_is_fair_and_can_be_shown_again(cases: House) -> None:
    with cases.database.read() as session:
        seen: Counter[uuid.UUID] = Counter()
    for seed in range(60):
        sample = drawn(cases, seed=seed)
        with cases.database.read() as session:
            first = to_read(session, author(cases), sample.id, 0)
            assert first is not None
            seen[first.case.id] += 1
    assert len(seen) == CASES and max(seen.values()) < 20
    assert sample.drawn_from == {"language": "", "source": "", "cases": CASES, "seed": 59}
    again = drawn(cases, seed=59)
    with cases.database.read() as session:
        one, two = (to_read(session, author(cases), s.id, 0) for s in (sample, again))
        assert one is not None and two is not None and one.case.id == two.case.id


def test_answers_are_seen_only_when_two_have_read_everything(cases: House) -> None:
    sample = drawn(cases)
    one, two = author(cases), second(cases)
    assert read_all(cases, sample.id, one) == 5
    read_all(cases, sample.id, two, most=4)
    with cases.database.read() as session:
        assert progress(session, sample.id) == {one.name: 5, two.name: 4}
        assert not may_see_answers(session, one, sample.id)
    read_all(cases, sample.id, two)
    with cases.database.read() as session:
        assert may_see_answers(session, one, sample.id) and may_see_answers(session, two, sample.id)
        # A third who has begun is not shown what the others said.
    third = staff(cases)
    read_all(cases, sample.id, third, most=1)
    with cases.database.read() as session:
        assert not may_see_answers(session, third, sample.id)


def test_agreement_counts_every_tag_that_either_spoke_of(cases: House) -> None:
    sample = drawn(cases)
    one, two = author(cases), second(cases)
    read_all(cases, sample.id, one, wrong={PATENT})
    read_all(cases, sample.id, two, wrong={PATENT}, missing=(PHARMA,))
    with cases.database.read() as session:
        (pair,) = pairings(session, sample.id)
        stood = sum(len(found.tags) for found in _all(cases, sample.id))
    assert pair.cases == 5
    # On each of the five cases they differ on one tag, and agree on those that stood.
    assert (pair.found.agreed.of, pair.found.agreed.hits) == (stood + 5, stood)
    assert pair.found.kappa is not None and pair.found.low is not None
    assert 0 < pair.found.kappa < 1 and pair.found.low < pair.found.kappa


def _all(house: House, sample: uuid.UUID) -> list:  # type: ignore[type-arg]
    with house.database.read() as session:
        return [to_read(session, author(house), sample, place) for place in range(5)]


def test_what_all_readers_say_becomes_corrections(cases: House) -> None:
    sample = drawn(cases)
    one, two = author(cases), second(cases)
    read_all(cases, sample.id, one, wrong={PATENT}, missing=(PHARMA,))
    with pytest.raises(BadInput), cases.database.write() as session:
        apply_agreed(session, cases.clock, one, sample.id, "All readers say so")
    read_all(cases, sample.id, two, wrong={PATENT}, missing=(PHARMA,))
    with cases.database.write() as session:
        assert len(agreed_changes(session, one, sample.id)) == 10
        assert apply_agreed(session, cases.clock, one, sample.id, "All readers say so") == 10
        assert agreed_changes(session, one, sample.id) == []
    drain(cases)
    for found in _all(cases, sample.id):
        assert PATENT not in tags(cases, found.case.id) and PHARMA in tags(cases, found.case.id)


def figures(house: House, by: str, key: tuple[str, ...]) -> Figures:
    with house.database.read() as session:
        return next(row for row in quality(session, by) if row.key == key)


def test_figures_count_right_wrong_and_missing(cases: House) -> None:
    with cases.database.read() as session:
        assert total(session).cases == 0 and total(session).precision.value is None
    sample = drawn(cases)
    read_all(cases, sample.id, author(cases), wrong={PATENT}, missing=(PHARMA,))
    patent = figures(cases, "tag", PATENT)
    assert (patent.right, patent.wrong, patent.missing, patent.cases) == (0, 5, 0, 5)
    assert patent.precision.value == 0 and patent.precision.high < 0.5
    pharma = figures(cases, "tag", PHARMA)
    assert (pharma.right, pharma.missing, pharma.recall.value) == (0, 5, 0.0)
    assert figures(cases, "language", ("en",)).missing == 5
    assert figures(cases, "source", ("us_pacer_rss",)).wrong == 5
    assert figures(cases, "kind", ("dispute_type",)).wrong == 5
    # Read again by somebody who holds the other: nothing is decided, until a correction does.
    read_all(cases, sample.id, second(cases))
    patent = figures(cases, "tag", PATENT)
    assert (patent.right, patent.wrong, patent.undecided) == (0, 0, 5)
    assert figures(cases, "tag", PHARMA).undecided == 5
    first = _all(cases, sample.id)[0].case.id
    say(cases, first, PATENT, Verdict.CONFIRM, "")
    patent = figures(cases, "tag", PATENT)
    assert (patent.right, patent.wrong, patent.undecided) == (1, 0, 4)


def test_figures_are_told_of_one_tag_in_one_language_from_one_source(house: House) -> None:
    for number in range(6):
        told = origin(house, source="upc_decisions" if number < 2 else "us_pacer_rss")
        language = "de" if number < 3 else "en"
        record(house, raw_case(f"2:26-cv-{number}", language=language), told)
    drain(house)
    read_all(house, drawn(house, size=6).id, author(house))
    with house.database.read() as session:
        assert read_in(session) == (["de", "en"], ["upc_decisions", "us_pacer_rss"])

        def judged(**narrow: str) -> dict[tuple[str, ...], int]:
            return {row.key: row.right for row in quality(session, "tag", **narrow)}

        assert judged()[PATENT] == 6
        assert judged(language="de")[PATENT] == 3 and judged(source="upc_decisions")[PATENT] == 2
        assert judged(language="de", source="us_pacer_rss")[PATENT] == 1
        assert judged(language="en", source="upc_decisions") == {}


def test_a_judgement_must_answer_every_tag(cases: House) -> None:
    sample = drawn(cases)
    actor = author(cases)
    with cases.database.read() as session:
        found = to_read(session, actor, sample.id)
        assert found is not None
    whole = dict.fromkeys(found.tags, "right")
    for answers, missing in (
        ({}, ()),
        ({**whole, PHARMA: "right"}, ()),
        (dict.fromkeys(found.tags, "fine"), ()),
        (whole, (("industry", "ind.nothing"),)),
    ):
        with pytest.raises(BadInput), cases.database.write() as session:
            judge(session, cases.clock, actor, sample.id, found.case.id, answers, missing)
    with cases.database.write() as session:
        judge(session, cases.clock, actor, sample.id, found.case.id, whole, [PHARMA])
        judge(session, cases.clock, actor, sample.id, found.case.id, whole, [])
    with cases.database.read() as session:
        again = to_read(session, actor, sample.id, found.position)
        assert again is not None and set(again.said.values()) == {"right"}


def test_samples_are_for_those_who_review_and_of_their_centre(cases: House) -> None:
    sample = drawn(cases)
    own, stranger = member(cases, "alpha"), staff(cases, "other")
    with cases.database.write() as session:
        for actor in (VISITOR, own):
            with pytest.raises(NotAllowed):
                draw(session, cases.clock, actor, "x", 5, rulebook="b")
        with pytest.raises(NotFound):
            to_read(session, stranger, sample.id)
        actor = Actor("user:author", stranger.roles, centre_id=sample.centre_id)
        for title, size in (("", 5), ("x", 4), ("x", 501), ("x", CASES + 1)):
            with pytest.raises(BadInput):
                draw(session, cases.clock, actor, title, size, rulebook="b")
        with pytest.raises(BadInput):
            draw(session, cases.clock, actor, "x", 5, language="de", rulebook="b")
        assert draw(session, cases.clock, actor, "x", 5, source="us_pacer_rss", rulebook="b").id
