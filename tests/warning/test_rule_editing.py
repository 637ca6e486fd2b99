"""Writing rules: examples that run, drafts that clash, a second person, editions, and the way back."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select

from cases.facts import RawParty
from core.actor import VISITOR
from core.audit import AuditRow
from core.errors import BadInput, NotAllowed, NotFound, StaleWrite, TransitionRefused
from house import House
from tests.factories import bring_firms, drain, member, raw_case, record
from tests.warning.rule_world import (
    RULE,
    TAG,
    WHY,
    WORD,
    author,
    draft,
    preview,
    publish,
    retag,
    second,
    step,
    tagged,
    with_word,
)
from warning.criteria import Criteria
from warning.models import Alert
from warning.rule_editing import begin, check_text, roll_back, save, standing_of, versions_of
from warning.rule_models import RuleState, RuleVersion
from warning.rules.texts import base_rules
from warning.watch_profiles import create_profile

PARTIES = (RawParty("Acme Optics Inc.", "plaintiff"), RawParty("Nobody We Know LLC", "defendant"))


def bring(house: House, number: int, text: str) -> None:
    record(house, raw_case(f"2:26-cv-{number}", text=text, parties=PARTIES, caption="Acme v. Nobody"))


@pytest.fixture
def cases(each_house: House) -> House:
    """Ten cases, two of which have the new word."""
    bring_firms(each_house)
    for number in range(10):
        word = WORD if number < 2 else "lamp"
        bring(each_house, number, f"Complaint for patent infringement by a {word}.")
    drain(each_house)
    return each_house


def test_every_shipped_rule_reads_from_its_own_text_and_has_no_fault(house: House) -> None:
    with house.database.read() as session:
        checked = check_text(session, RULE, base_rules()[RULE].text)
    assert checked.is_good and all(one.is_right for one in checked.tried)
    assert len(checked.tried) == len(base_rules()[RULE].rule.examples)


def test_a_typed_text_is_told_what_is_wrong_with_it(house: House) -> None:
    text = with_word(house)
    with house.database.read() as session:
        assert check_text(session, RULE, text).is_good
        # Its words are taken away and its new example stays: the example says so.
        broken = check_text(session, RULE, text.replace(f"en: [{WORD}, ", "en: [", 1))
        assert [one.is_right for one in broken.tried].count(False) == 1
        assert any(WORD in problem for problem in broken.problems)
        for bad, said in (
            ("id: [", "YAML"),
            (text.replace(RULE, "rule.ind.other"), "id must stay"),
            (text.replace("ind.biopharma}", "ind.battery_storage}"), "emit must stay"),
            (text + "patterns: ['(a+)+b']\n", "patterns"),
            (text + "excludes: [rule.nobody]\n", "rule.nobody"),
            (text.replace("threshold: 2", "threshold: many"), "shape"),
        ):
            checked = check_text(session, RULE, bad)
            assert not checked.is_good and said in checked.unreadable, bad[-80:]


def test_a_preview_counts_what_would_change_and_changes_nothing(cases: House) -> None:
    version = draft(cases, with_word(cases))
    told = preview(cases, version.id)
    assert (told["cases"], told["changed"]) == (10, 2)
    assert told["gained"] == [[*TAG, 2]] and told["lost"] == []
    (one, two) = told["examples"]["gained"]  # type: ignore[index]
    assert one["pieces"][0]["text"] == two["pieces"][0]["text"] == WORD
    assert tagged(cases) == set()


def test_a_preview_names_the_firms_that_cases_name_and_only_counts_those_that_watch(cases: House) -> None:
    record(cases, raw_case("2:26-cv-99", text=f"Complaint about a {WORD}."))
    drain(cases)
    with cases.database.write() as session:
        criteria = Criteria(industries=frozenset({TAG[1]}))
        create_profile(session, cases.clock, member(cases, "beta"), "ours", criteria)
    told = preview(cases, draft(cases, with_word(cases)).id)
    assert len(told["firms"]) == 1 and told["watching"] == 1  # type: ignore[arg-type]
    assert "ours" not in str(told)


def test_published_the_rule_holds_for_what_comes_and_after_a_retag_for_what_stands(cases: House) -> None:
    version = publish(cases, with_word(cases))
    assert (version.state, version.edition, version.number) == (RuleState.PUBLISHED, 1, 1)
    bring(cases, 50, f"Complaint about another {WORD}.")
    drain(cases)
    assert len(tagged(cases)) == 1
    assert retag(cases) == 2
    assert len(tagged(cases)) == 3
    with cases.database.read() as session:
        told = set(session.scalars(select(AuditRow.action).where(AuditRow.subject == "rule")))
        assert {"rule.begin", "rule.publish"} <= told
        # The retag of what stood there, and a new case with the tag: nobody asked for them.
        assert session.scalar(select(func.count(Alert.id))) == 0


def test_a_retracted_rule_retracts_its_tags(cases: House) -> None:
    publish(cases, with_word(cases))
    retag(cases)
    assert len(tagged(cases)) == 2
    with cases.database.read() as session:
        text = standing_of(session, RULE).text
    publish(cases, text.replace("status: stable", "status: retired"))
    assert retag(cases) == 2
    assert tagged(cases) == set()


def test_a_rule_that_would_change_many_needs_a_second_person(cases: House) -> None:
    version = draft(cases, with_word(cases))
    with pytest.raises(BadInput):
        # Nobody has looked at what it would change.
        step(cases, version.id, "publish", author(cases))
    preview(cases, version.id)
    with pytest.raises(BadInput):
        step(cases, version.id, "publish", author(cases), share=0.19)
    step(cases, version.id, "propose", author(cases), share=0.19)
    with pytest.raises(NotAllowed):
        step(cases, version.id, "approve", author(cases), share=0.19)
    with pytest.raises(TransitionRefused):
        step(cases, version.id, "publish", author(cases), share=0.19)
    done = step(cases, version.id, "approve", second(cases), share=0.19)
    assert (done.state, done.edition, done.decided_by) == (RuleState.PUBLISHED, 1, "user:second")


def test_a_second_person_may_refuse_with_a_reason(cases: House) -> None:
    version = draft(cases, with_word(cases))
    preview(cases, version.id)
    step(cases, version.id, "propose", author(cases))
    with pytest.raises(BadInput):
        step(cases, version.id, "refuse", second(cases), " ")
    done = step(cases, version.id, "refuse", second(cases), "The word is a surname as well")
    assert (done.state, done.decision, done.edition) == (
        RuleState.REFUSED,
        "The word is a surname as well",
        None,
    )


def test_what_was_previewed_before_another_rule_changed_is_looked_at_again(cases: House) -> None:
    version = draft(cases, with_word(cases))
    preview(cases, version.id)
    other = "rule.ind.battery_storage"
    publish(cases, with_word(cases, "quibblecell", other), other)
    with pytest.raises(BadInput):
        step(cases, version.id, "publish", author(cases))
    preview(cases, version.id)
    assert step(cases, version.id, "publish", author(cases)).edition == 2


def test_of_two_editors_the_second_is_shown_both_texts(cases: House) -> None:
    one, two = draft(cases, with_word(cases)), draft(cases, with_word(cases, "quibble"), actor=second(cases))
    preview(cases, one.id)
    preview(cases, two.id)
    step(cases, one.id, "publish", author(cases))
    with pytest.raises(StaleWrite) as refused:
        step(cases, two.id, "publish", second(cases))
    assert "quibble" in str(refused.value.details["yours"])
    assert WORD in str(refused.value.details["current"])
    # Brought to the newest text by its writer, it goes its way.
    with cases.database.write() as session:
        merged = standing_of(session, RULE).text.replace("en: [", "en: [quibble, ", 1)
        save(session, cases.clock, second(cases), two.id, merged, WHY, seen=1, based_on=1)
    preview(cases, two.id)
    assert step(cases, two.id, "publish", second(cases)).edition == 2
    assert {WORD, "quibble"} <= set(_words(cases))


def _words(house: House) -> list[str]:
    with house.database.read() as session:
        return [term.text for clause in standing_of(session, RULE).read.any for term in clause.terms]


def test_a_draft_saved_by_two_keeps_the_first_and_shows_both(cases: House) -> None:
    version = draft(cases, with_word(cases))
    with cases.database.write() as session:
        save(
            session, cases.clock, author(cases), version.id, with_word(cases, "one"), WHY, seen=1, based_on=0
        )
    with pytest.raises(StaleWrite) as refused, cases.database.write() as session:
        save(session, cases.clock, second(cases), version.id, "two", WHY, seen=1, based_on=0)
    assert refused.value.details["yours"] == "two"
    assert "one" in str(refused.value.details["current"])


def test_two_who_publish_at_once_do_not_lose_a_rule(cases: House) -> None:
    other = "rule.ind.battery_storage"
    versions = [draft(cases, with_word(cases)), draft(cases, with_word(cases, "quibble", other), rule=other)]
    for version in versions:
        preview(cases, version.id)
    told: list[str] = []

    def go(version: RuleVersion) -> None:
        try:
            step(cases, version.id, "publish", author(cases))
            told.append("published")
        except (StaleWrite, BadInput):
            told.append("refused")

    threads = [threading.Thread(target=go, args=(version,)) for version in versions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with cases.database.read() as session:
        editions = session.scalars(select(RuleVersion.edition).where(RuleVersion.edition.is_not(None))).all()
    # Either both, one after the other, or one is asked to look again: never two in one place, never none.
    assert sorted(editions) == list(range(1, told.count("published") + 1)) and "published" in told


def test_rolled_back_the_earlier_text_is_in_force_again(cases: House) -> None:
    publish(cases, with_word(cases))
    retag(cases)
    assert len(tagged(cases)) == 2
    with cases.database.write() as session:
        with pytest.raises(StaleWrite):
            roll_back(session, cases.clock, author(cases), RULE, 0, WHY, seen=0)
        with pytest.raises(NotFound):
            roll_back(session, cases.clock, author(cases), RULE, 77, WHY, seen=1)
        with pytest.raises(BadInput):
            roll_back(session, cases.clock, author(cases), RULE, 1, WHY, seen=1)
    with cases.database.write() as session:
        version = roll_back(session, cases.clock, author(cases), RULE, 0, WHY, seen=1)
        assert (version.edition, version.number) == (2, 2)
    assert retag(cases) == 2
    assert tagged(cases) == set()
    with cases.database.read() as session:
        assert standing_of(session, RULE).text == base_rules()[RULE].text
        assert [v.number for v in versions_of(session, author(cases), RULE)] == [2, 1]


def test_a_published_text_that_can_be_read_no_more_gives_way_to_the_shipped_one(cases: House) -> None:
    publish(cases, with_word(cases))
    with cases.database.write() as session:
        session.scalars(select(RuleVersion)).one().text = "id: ["
    other = "rule.ind.battery_storage"
    publish(cases, with_word(cases, "quibble", other), other)
    bring(cases, 60, "Complaint about a vaccine and a zibblewort.")
    drain(cases)
    assert len(tagged(cases)) == 1


def test_rules_are_written_by_staff_with_a_note(cases: House) -> None:
    text, own = with_word(cases), member(cases, "alpha")
    with cases.database.write() as session:
        for actor in (VISITOR, own):
            with pytest.raises(NotAllowed):
                begin(session, cases.clock, actor, RULE, text, WHY, seen=0)
            assert versions_of(session, actor, RULE) == []
        for bad_text, note in ((text, " "), ("  ", WHY)):
            with pytest.raises(BadInput):
                begin(session, cases.clock, author(cases), RULE, bad_text, note, seen=0)
        with pytest.raises(NotFound):
            begin(session, cases.clock, author(cases), "rule.nobody", text, WHY, seen=0)
