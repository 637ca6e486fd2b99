"""Every step of an application × every state × every role: allowed where the table says so, refused everywhere else."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from core.actor import VISITOR, Actor, Role, system_actor
from core.errors import BadInput, NotAllowed, NotFound, StaleWrite, TransitionRefused
from experts.appointing import applying, publicity, reviewing, standing
from experts.appointing.workflow import APPLICATION_WORKFLOW, ApplicationState
from house import House
from tests.experts.appointing.affair import ANSWERS, FULL, TOP, Affair, People, open_call

OPEN = "submitted qualification_check supplement panel_review publicity objection approved"
#: step -> who, from where, to where; reviewed by hand, so that a change of the workflow is noticed
TABLE: dict[str, tuple[Role | None, str, str]] = {
    "submit": (Role.APPLICANT, "draft", "submitted"),
    "begin_check": (Role.STAFF, "submitted", "qualification_check"),
    "ask_supplement": (Role.STAFF, "qualification_check", "supplement"),
    "supplement": (Role.APPLICANT, "supplement", "qualification_check"),
    "fail_check": (Role.STAFF, "qualification_check", "refused"),
    "pass_check": (Role.STAFF, "qualification_check", "panel_review"),
    "conclude_panel": (Role.STAFF, "panel_review", "publicity"),
    "fail_panel": (Role.STAFF, "panel_review", "refused"),
    "object": (None, "publicity", "objection"),
    "dismiss": (Role.STAFF, "objection", "publicity"),
    "uphold": (Role.STAFF, "objection", "refused"),
    "end_publicity": (None, "publicity", "approved"),
    "appoint": (Role.SIGNER, "approved", "appointed"),
    "withdraw": (Role.APPLICANT, f"draft {OPEN}", "withdrawn"),
    "lapse": (None, "supplement", "lapsed"),
}
ROLES = [frozenset({role}) for role in Role] + [frozenset({Role.STAFF, Role.SIGNER}), frozenset()]


def test_the_table_names_every_step() -> None:
    assert set(TABLE) == {step.name for step in APPLICATION_WORKFLOW.steps}


def test_every_step_by_every_role_from_every_state() -> None:
    tried = 0
    for (name, (role, sources, target)), state, roles in itertools.product(
        TABLE.items(), ApplicationState, ROLES
    ):
        actor = Actor("someone", roles)
        allowed = role is not None and role in roles and state.value in sources.split()
        if allowed:
            assert APPLICATION_WORKFLOW.take(name, state.value, actor) == target
        else:
            with pytest.raises((NotAllowed, TransitionRefused)):
                APPLICATION_WORKFLOW.take(name, state.value, actor)
        tried += 1
    assert tried == len(TABLE) * len(ApplicationState) * len(ROLES)


def test_what_only_the_house_does_the_house_does() -> None:
    for name, (role, sources, target) in TABLE.items():
        if role is None:
            assert APPLICATION_WORKFLOW.take(name, sources, system_actor("job")) == target


def test_an_ended_application_moves_no_more() -> None:
    ended = {"appointed", "refused", "withdrawn", "lapsed"}
    assert not any(set(step.sources) & ended for step in APPLICATION_WORKFLOW.steps)


@pytest.fixture
def people(house: House) -> People:
    return People.of(house)


def test_the_whole_way_to_an_appointment(each_house: House) -> None:
    affair = Affair(People.of(each_house)).to("appointed")
    now = affair.now
    steps = [step.step for step in now.steps]
    assert steps == [
        "submit", "begin_check", "pass_check", "conclude_panel", "end_publicity", "appoint",
    ]  # fmt: skip
    assert (now.mark, now.due_on, now.number) == (1000, None, "专家-2026-00001")
    with affair.house.database.read() as session:
        assert now.expert_id is not None
        certificate = standing.current_appointment(session, now.expert_id)
    assert certificate is not None
    assert certificate.number == "聘字〔2026〕0001号"
    assert (certificate.until_on.year - certificate.from_on.year) == 3


@pytest.mark.parametrize(
    ("gap", "field"),
    [
        ({"name_zh": ""}, "name_zh"),
        ({"hours": None}, "hours"),
        ({"contact": ""}, "contact"),
        ({"id_last4": ""}, "id_last4"),
        ({"consent_promise": False}, "consent_promise"),
        ({"consent_notice": False}, "consent_notice"),
    ],
)
def test_nothing_is_submitted_with_a_gap(people: People, gap: dict[str, object], field: str) -> None:
    affair = Affair(people, **gap).fill()
    with pytest.raises(BadInput) as refused:
        affair.act(applying.submit, "applicant")
    assert field in refused.value.details["fields"]
    assert affair.now.state == "draft"
    assert affair.now.number is None


def test_without_its_documents_nothing_is_submitted(people: People) -> None:
    affair = Affair(people)
    affair.act(applying.tell, "applicant", ANSWERS)
    with pytest.raises(BadInput, match="Proof of identity"):
        affair.act(applying.submit, "applicant")


def test_one_who_may_not_apply_twice(people: People) -> None:
    call = open_call(people)
    Affair(people, call).to("submitted")
    with pytest.raises(BadInput, match="already"):
        Affair(people, call).fill().act(applying.submit, "applicant")


def test_after_the_last_day_a_call_takes_nothing(people: People) -> None:
    affair = Affair(people, open_call(people, days=0)).fill()
    affair.house.clock.advance(timedelta(days=2))  # type: ignore[attr-defined]
    with pytest.raises(TransitionRefused):
        affair.act(applying.submit, "applicant")


def test_an_applicant_sees_their_own_and_no_other(people: People) -> None:
    call = open_call(people)
    mine, theirs = Affair(people, call), Affair(people, call)
    with pytest.raises(NotFound):
        mine.do(applying.tell, "applicant", theirs.id, {}, seen_version=1)
    with pytest.raises(NotFound):
        mine.do(applying.tell, VISITOR, mine.id, {}, seen_version=1)


def test_a_check_with_an_item_missing_leads_to_no_panel(people: People) -> None:
    affair = Affair(people).to("qualification_check")
    affair.check({**FULL, "matters": {"result": "missing", "note": ""}})
    with pytest.raises(BadInput):
        affair.act(reviewing.decide_check, "staff", passes=True)
    with pytest.raises(BadInput, match="waived"):
        affair.check({**FULL, "matters": {"result": "waived", "note": "famous"}})
    affair.check({**FULL, "age": {"result": "waived", "note": "院士"}})
    affair.act(reviewing.decide_check, "staff", passes=True)
    assert affair.now.state == "panel_review"


def test_reviewer_and_supervisor_are_never_one(people: People) -> None:
    affair = Affair(people).to("panel_review")
    ids = [people.id_of(name) for name in ("one", "two", "three")]
    for reviewers, supervisor in ((ids, ids[0]), (ids[:2], people.id_of("supervisor")), (ids, None)):
        with pytest.raises(BadInput):
            affair.act(reviewing.name_panel, "staff", reviewers=reviewers, supervisor=supervisor)
    with pytest.raises(BadInput, match="at least 3"):
        affair.act(
            reviewing.name_panel, "staff", reviewers=[ids[0]] * 3, supervisor=people.id_of("supervisor")
        )


def test_marks_are_given_once_in_bounds_by_those_who_sit_there(people: People) -> None:
    affair = Affair(people).to("panel_review")
    ids = [people.id_of(name) for name in ("one", "two", "three")]
    affair.act(reviewing.name_panel, "staff", reviewers=ids, supervisor=people.id_of("supervisor"))
    with pytest.raises(NotFound):
        affair.do(reviewing.mark, "four", affair.id, TOP, is_free=True)
    with pytest.raises(BadInput):
        affair.do(reviewing.mark, "one", affair.id, {**TOP, "time": 16}, is_free=True)
    with pytest.raises(BadInput, match="ties you"):
        affair.do(reviewing.mark, "one", affair.id, TOP, is_free=False)
    affair.do(reviewing.mark, "one", affair.id, TOP, is_free=True)
    with pytest.raises(TransitionRefused):
        affair.do(reviewing.mark, "one", affair.id, TOP, is_free=True)
    with pytest.raises(BadInput, match="marked yet"):
        affair.act(reviewing.conclude_panel, "supervisor")
    with pytest.raises(TransitionRefused):
        affair.act(reviewing.name_panel, "staff", reviewers=ids[::-1], supervisor=people.id_of("supervisor"))


def test_only_the_supervisor_confirms_and_below_the_mark_is_refused(people: People) -> None:
    affair = Affair(people).to("panel_review")
    affair.panel({**TOP, "overseas": 0, "time": 14})
    with pytest.raises(BadInput, match="supervisor"):
        affair.act(reviewing.conclude_panel, "staff")
    affair.act(reviewing.conclude_panel, "supervisor")
    assert (affair.now.state, affair.now.mark, affair.now.refusal) == ("refused", 690, "below_mark")


def test_a_reviewer_has_the_documents_but_no_proof_of_identity(people: People) -> None:
    expert = Actor(
        people.actors["one"].name, frozenset({Role.EXPERT}), people.centre, user_id=people.id_of("one")
    )
    affair = Affair(people).to("panel_review")
    ids = [people.id_of(name) for name in ("one", "two", "three")]
    affair.act(reviewing.name_panel, "staff", reviewers=ids, supervisor=people.id_of("supervisor"))
    files = {file.document: file.id for file in affair.now.files}
    file, _ = affair.do(applying.read_file, expert, affair.house.vault, affair.id, files["credential"])
    assert file.document == "credential"
    with pytest.raises(NotFound):
        affair.do(applying.read_file, expert, affair.house.vault, affair.id, files["identity"])
    assert affair.do(applying.read_file, "staff", affair.house.vault, affair.id, files["identity"])


def test_an_objection_is_decided_by_nobody_of_the_panel_and_with_words(people: People) -> None:
    affair = Affair(people).to("publicity")
    objection = affair.object()
    second = affair.object("另有其人。")
    assert affair.now.state == "objection"
    with pytest.raises(BadInput, match="panel"):
        affair.act(publicity.decide_objection, "one", objection.id, upheld=False, decision="查无实据")
    with pytest.raises(BadInput, match="why"):
        affair.act(publicity.decide_objection, "staff", objection.id, upheld=False, decision=" ")
    affair.act(publicity.decide_objection, "staff", objection.id, upheld=False, decision="查无实据")
    assert affair.now.state == "objection", "the second one is still open"
    affair.act(publicity.decide_objection, "staff", second.id, upheld=False, decision="查无实据")
    assert affair.now.state == "publicity"


def test_an_upheld_objection_ends_it(people: People) -> None:
    affair = Affair(people).to("objection")
    objection = affair.now.objections[0]
    affair.act(publicity.decide_objection, "staff", objection.id, upheld=True, decision="证书无法核验")
    assert (affair.now.state, affair.now.refusal, affair.now.expert_id) == ("refused", "objection", None)


def test_whoever_sat_on_the_panel_signs_nothing(people: People) -> None:
    people.actors["one"] = Actor(
        people.actors["one"].name, frozenset({Role.STAFF, Role.SIGNER}), people.centre,
        user_id=people.id_of("one"),
    )  # fmt: skip
    affair = Affair(people).to("approved")
    with pytest.raises(BadInput, match="panel"):
        affair.act(standing.appoint, "one")
    with pytest.raises(NotAllowed):
        affair.act(standing.appoint, "staff")


def test_a_page_that_is_old_changes_nothing(people: People) -> None:
    affair = Affair(people).to("submitted")
    with pytest.raises(StaleWrite):
        affair.do(reviewing.begin_check, "staff", affair.id, seen_version=1)
