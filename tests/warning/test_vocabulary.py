"""Terms added, renamed and retired: seen over the stored cases first, told to them after, and rolled back."""

from __future__ import annotations

import threading
from dataclasses import replace
from itertools import pairwise

import pytest
from sqlalchemy import func, select

from cases.facts import RawParty
from cases.models import Case
from cases.taxonomy import load_taxonomy, put_in_force, shipped_taxonomy
from cases.taxonomy.overlay import read_term, text_of
from core.audit import AuditRow
from core.errors import BadInput, NotAllowed, StaleWrite
from house import House
from search.port import SearchRequest
from tests.factories import bring_firms, drain, member, raw_case, record, staff
from tests.warning.rule_world import WHY, author, draft, preview, publish, retag, second, step, tagged
from tests.warning.test_corrections import say
from tests.warning.vocabulary_world import (
    NEW,
    NEXT,
    OLD,
    TERM,
    TERM_WORD,
    new_term,
    publish_term,
    retired,
    shipped,
    term_in_force,
)
from warning.criteria import Criteria
from warning.models import Alert
from warning.review_models import Verdict
from warning.rule_editing import begin, check_text, roll_back, save, standing_of
from warning.rule_listing import list_rules
from warning.rule_models import RuleState
from warning.rules.tagger import TagInput, tag
from warning.vocabulary import differences, editions, list_terms, usage_of, vocabulary_at
from warning.watch_profiles import create_profile

PARTIES = (RawParty("Acme Optics Inc.", "plaintiff"), RawParty("Nobody We Know LLC", "defendant"))
#: another thing that no rule knows
OTHER = "glimwort"
BATTERY = ("industry", OLD)
ENERGY = ("industry", NEXT)


@pytest.fixture
def cases(house: House) -> House:
    """Two cases about a thing no rule knows, two about batteries, two about another."""
    bring_firms(house)
    goods = [TERM_WORD, TERM_WORD, "lithium-ion battery cell", "lithium-ion battery cell", OTHER, OTHER]
    for number, word in enumerate(goods):
        text = f"Complaint for patent infringement. The accused product is a {word}."
        record(house, raw_case(f"2:26-cv-{number}", text=text, parties=PARTIES, caption="Acme v. Nobody"))
    drain(house)
    return house


def found(house: House, value: str) -> int:
    request = SearchRequest(collection="cases", filters={"industry": (value,)})
    return house.index.search(request, staff(house)).total


def test_a_term_is_added_with_its_rule_and_told_to_the_stored_cases(cases: House) -> None:
    text = new_term()
    with cases.database.read() as session:
        checked = check_text(session, TERM, text)
        assert checked.is_good and len(checked.tried) == 6
        assert standing_of(session, TERM).text == ""
    version = draft(cases, text, rule=TERM)
    told = preview(cases, version.id)
    assert (told["cases"], told["changed"]) == (6, 2)
    assert told["gained"] == [[*NEW, 2]] and told["lost"] == []
    assert load_taxonomy().entry(TERM) is None and tagged(cases, NEW) == set()

    step(cases, version.id, "publish", author(cases))
    with cases.database.read() as session:
        alerts = session.scalar(select(func.count(Alert.id)))
    assert retag(cases) == 2
    drain(cases)
    assert len(tagged(cases, NEW)) == found(cases, TERM) == 2
    assert load_taxonomy().label(TERM, "zh") == "人形机器人"
    with cases.database.read() as session:
        assert session.scalar(select(func.count(Alert.id))) == alerts
        assert usage_of(session, "industry", TERM).cases == 2
        # From now on the rule is one like the others.
        assert [row.rule for row in list_rules(session, author(cases), q=TERM).rows] == [f"rule.{TERM}"]
        rule = standing_of(session, f"rule.{TERM}").text
    fresh = rule.replace(f"en: [{TERM_WORD}]", f"en: [{TERM_WORD}, {OTHER}]")
    publish(
        cases,
        fresh.replace("tests:\n", "tests:\n- {text: a glimwort of two parts, expect: hit}\n"),
        rule=f"rule.{TERM}",
    )
    retag(cases)
    assert len(tagged(cases, NEW)) == 4


def test_a_new_term_is_not_published_unseen_or_with_a_faulty_rule(cases: House) -> None:
    unseen = draft(cases, new_term(), rule=TERM)
    with pytest.raises(BadInput, match="not looked at"):
        step(cases, unseen.id, "publish", author(cases))
    broken = new_term().replace(f"A {TERM_WORD} with two arms", "Something else")
    faulty = draft(cases, broken, rule=TERM)
    preview(cases, faulty.id)
    with pytest.raises(BadInput, match="faults"):
        step(cases, faulty.id, "publish", author(cases))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("id: rule.ind", "id: rule.other"), "of another rule"),
        (("emit: {industry: ind.humanoid_robot}", "emit: {industry: ind.biopharma}"), "emit must stay"),
        (("threshold: 2", "threshold: 2\n  patterns: ['(a+)+b']"), "patterns"),
        (("id: ind.humanoid_robot\n", "id: ind.other_robot\n"), "id must stay"),
    ],
)
def test_a_rule_may_only_come_with_its_own_term(house: House, change: tuple[str, str], problem: str) -> None:
    with house.database.read() as session:
        checked = check_text(session, TERM, new_term().replace(*change))
    assert problem in checked.unreadable


def test_what_would_change_much_needs_a_second_person(cases: House) -> None:
    version = draft(cases, new_term(), rule=TERM)
    preview(cases, version.id)
    with pytest.raises(BadInput, match="one person"):
        step(cases, version.id, "publish", author(cases), share=0.05)
    step(cases, version.id, "propose", author(cases), share=0.05)
    with pytest.raises(NotAllowed):
        step(cases, version.id, "approve", author(cases), share=0.05)
    done = step(cases, version.id, "approve", second(cases), share=0.05)
    assert done.state == RuleState.PUBLISHED and done.edition == 1
    with cases.database.read() as session:
        acts = session.scalars(select(AuditRow.action).where(AuditRow.action.startswith("term."))).all()
    assert acts == ["term.begin", "term.propose", "term.approve"]


def test_retired_with_a_successor_its_tags_become_the_successors(cases: House) -> None:
    before = tagged(cases, BATTERY)
    assert len(before) == 2
    version = draft(cases, retired(), rule=OLD)
    told = preview(cases, version.id)
    assert ["industry", OLD, 2] in told["lost"]  # type: ignore[operator]
    step(cases, version.id, "publish", author(cases))
    retag(cases)
    drain(cases)
    assert tagged(cases, BATTERY) == set() and tagged(cases, ENERGY) >= before
    assert found(cases, OLD) == 0 and found(cases, NEXT) == len(tagged(cases, ENERGY))
    # Its words still tell: a case that comes later is the successor's too.
    text = "Complaint for patent infringement. The accused product is a lithium-ion battery cell."
    record(cases, raw_case("2:26-cv-70", text=text, parties=PARTIES))
    drain(cases)
    assert len(tagged(cases, ENERGY)) == len(before) + 1


def test_retired_without_a_successor_its_tags_fall_away_and_come_back_when_rolled_back(cases: House) -> None:
    before = tagged(cases, BATTERY)
    publish_term(cases, retired(OLD, None))
    retag(cases)
    assert tagged(cases, BATTERY) == set()
    with cases.database.write() as session:
        roll_back(session, cases.clock, author(cases), OLD, 0, "it was needed", seen=1)
    retag(cases)
    drain(cases)
    assert tagged(cases, BATTERY) == before and found(cases, OLD) == 2
    assert load_taxonomy().is_in_force(OLD) and not term_in_force(cases, OLD).is_retired


def test_an_added_term_that_is_rolled_back_is_retired_and_never_unreadable(cases: House) -> None:
    publish_term(cases, new_term())
    retag(cases)
    with cases.database.write() as session:
        roll_back(session, cases.clock, author(cases), TERM, 0, "not ours", seen=1)
    retag(cases)
    assert tagged(cases, NEW) == set()
    assert load_taxonomy().label(TERM, "en") == "Humanoid robots" and not load_taxonomy().is_in_force(TERM)


def test_what_staff_said_of_a_retired_term_counts_for_its_successor(cases: House) -> None:
    with cases.database.read() as session:
        lamps = session.scalars(select(Case.id).where(Case.text.contains(OTHER)).order_by(Case.id)).all()
        batteries = session.scalars(
            select(Case.id).where(Case.text.contains("battery")).order_by(Case.id)
        ).all()
    say(cases, lamps[0], BATTERY, Verdict.ADD)
    say(cases, batteries[0], BATTERY, Verdict.REMOVE)
    publish_term(cases, retired())
    retag(cases)
    # Added stays added. That it was no battery does not say that it has nothing to do with energy.
    assert lamps[0] in tagged(cases, ENERGY) and lamps[1] not in tagged(cases, ENERGY)
    with cases.database.write() as session:
        roll_back(session, cases.clock, author(cases), OLD, 0, "back again", seen=1)
    retag(cases)
    assert lamps[0] in tagged(cases, BATTERY) and batteries[0] not in tagged(cases, BATTERY)


def test_a_retag_for_a_term_alerts_nobody_and_the_next_case_does(cases: House) -> None:
    publish_term(cases, new_term())
    with cases.database.write() as session:
        criteria = Criteria(industries=frozenset({TERM}))
        create_profile(session, cases.clock, member(cases, "alpha"), "ours", criteria)
    retag(cases)
    drain(cases)
    with cases.database.read() as session:
        assert session.scalar(select(func.count(Alert.id))) == 0
    record(cases, raw_case("2:26-cv-71", text=f"Complaint about a {TERM_WORD}.", parties=PARTIES))
    drain(cases)
    with cases.database.read() as session:
        assert session.scalar(select(func.count(Alert.id))) == 1


def test_the_preview_counts_the_firms_that_would_have_heard(cases: House) -> None:
    asked = {"alpha": NEXT, "beta": OLD}
    for firm, industry in asked.items():
        actor = member(cases, firm)
        with cases.database.write() as session:
            criteria = Criteria(industries=frozenset({industry}))
            create_profile(session, cases.clock, actor, "ours", criteria)
    told = preview(cases, draft(cases, retired(), rule=OLD).id)
    # Whoever watches energy would hear of the batteries; whoever watched batteries hears of them as before.
    assert told["watching"] == 1


def test_two_editors_of_one_term_see_both_texts(house: House) -> None:
    mine = text_of(replace(shipped(OLD), en="Batteries and storage"))
    yours = text_of(replace(shipped(OLD), en="Cells and storage"))
    publish_term(house, mine)
    with house.database.write() as session, pytest.raises(StaleWrite) as clash:
        begin(session, house.clock, second(house), OLD, yours, WHY, seen=0)
    assert clash.value.details["current"] == mine and clash.value.details["yours"] == yours
    version = draft(house, yours, rule=OLD)
    with house.database.write() as session:
        save(session, house.clock, second(house), version.id, mine, WHY, seen=1, based_on=1)
    with house.database.write() as session, pytest.raises(StaleWrite) as clash:
        save(session, house.clock, author(house), version.id, yours, WHY, seen=1, based_on=1)
    assert clash.value.details["current"] == mine


def test_two_people_who_publish_a_term_and_a_rule_at_once_lose_nothing(each_house: House) -> None:
    house = each_house
    terms = [
        text_of(replace(shipped(OLD), en="Batteries and storage")),
        text_of(replace(shipped(NEXT), en="New energy sources")),
    ]
    versions = [draft(house, text, rule=read_term(text).id) for text in terms]
    for version in versions:
        preview(house, version.id)
    problems: list[BaseException] = []
    gate = threading.Barrier(2)

    def publish_one(number: int) -> None:
        try:
            gate.wait()
            step(house, versions[number].id, "publish", author(house))
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=publish_one, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # One of them, or both: whoever came second looks again, for the book they compared with is no more.
    assert all(isinstance(problem, BadInput | StaleWrite) for problem in problems)
    with house.database.read() as session:
        published = editions(session, author(house))
    assert [v.edition for v in published] == list(range(len(published), 0, -1))
    assert len(published) + len(problems) == 2 and published


def test_versions_are_compared_by_what_was_added_renamed_and_retired(house: House) -> None:
    publish_term(house, new_term())
    publish_term(house, text_of(replace(shipped(NEXT), zh="新能源产业")))
    publish_term(house, retired())
    publish_term(house, text_of(replace(shipped("v.us.itc"), aliases={"en": ("The Test Commission",)})))
    with house.database.read() as session:
        states = [vocabulary_at(session, edition) for edition in range(5)]
        told = [[(d.what, d.id) for d in differences(a, b)] for a, b in pairwise(states)]
        assert told == [
            [("added", TERM)],
            [("renamed", NEXT)],
            [("retired", OLD)],
            [("aliases", "v.us.itc")],
        ]
        whole = differences(states[0], states[4])
        assert {(d.what, d.id) for d in whole} == {pair for row in told for pair in row}
        (gone,) = [d for d in whole if d.what == "retired"]
        assert gone.after is not None and gone.after.replaced_by == NEXT
        assert [(d.what, d.id) for d in differences(states[3], states[2])] == [("restored", OLD)]
        with pytest.raises(BadInput):
            vocabulary_at(session, 9)
        assert states[0] is shipped_taxonomy()


def test_the_list_shows_terms_by_kind_state_and_words(house: House) -> None:
    publish_term(house, retired())
    actor = author(house)
    with house.database.read() as session:
        gone = list_terms(session, actor, which="retired").rows
        assert [row.entry.id for row in gone] == [OLD] and gone[0].version is not None
        assert OLD not in [row.entry.id for row in list_terms(session, actor, which="force").rows]
        assert [row.entry.id for row in list_terms(session, actor, kind="remedy", q="冻结").rows] == [
            "asset_freeze"
        ]
        first = list_terms(session, actor, limit=5)
        rest = list_terms(session, actor, cursor=first.next_cursor, limit=100)
        ids = [row.entry.id for row in (*first.rows, *rest.rows)]
        assert ids == list(load_taxonomy().industries)
        with pytest.raises(NotAllowed):
            list_terms(session, replace(actor, roles=frozenset()))


def test_another_process_reads_a_published_term_before_its_next_batch(house: House) -> None:
    publish_term(house, new_term())
    # As a process that began earlier: it still reads what is shipped.
    put_in_force(None)
    record(house, raw_case("2:26-cv-72", text=f"Complaint for patent infringement by a {TERM_WORD}."))
    drain(house)
    assert load_taxonomy().entry(TERM) is not None and len(tagged(house, NEW)) == 1


def test_an_alias_of_a_region_finds_its_cases(house: House) -> None:
    region = next(r for r in load_taxonomy().regions.values() if r.code == "FR")
    text = text_of(replace(shipped(region.id), aliases={"en": ("Zembla",)}))
    with house.database.read() as session:
        assert check_text(session, region.id, text).is_good
    publish_term(house, text)
    with house.database.read() as session:
        book = house.shelf.current(session)
    told = tag(TagInput("x", text="A court in Zembla granted an injunction in a patent suit."), book)
    assert told.regions == ("FR",)
