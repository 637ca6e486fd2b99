"""Every step × every state × every role of the four workflows: allowed where the table says so, refused elsewhere."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from core.actor import VISITOR, Actor, Role, system_actor
from core.audit import AuditRow
from core.errors import BadInput, NotAllowed, NotFound, SeamarkError, StaleWrite, TransitionRefused
from core.workflow import Workflow
from experts.agencies import applying, checking, complaints, publicity, reviews, standing
from experts.agencies.criteria import CRITERIA
from experts.agencies.moving import history_of
from experts.agencies.publicity import list_published
from experts.agencies.workflow import ADMISSION, COMPLAINT, LISTING, REVIEW
from house import House
from tests.experts.agencies.affair import ANSWERS, FULL, REPORT, TOP, Affair, People, at

OPEN = "submitted form_check supplement verification scoring publicity objection approved"
#: step -> who, from where, to where; reviewed by hand, so that a change of a workflow is noticed
TABLES: dict[str, tuple[Workflow, dict[str, tuple[Role | None, str, str]]]] = {
    "admission": (
        ADMISSION,
        {
            "submit": (Role.AGENCY, "draft", "submitted"),
            "begin_check": (Role.STAFF, "submitted", "form_check"),
            "ask_supplement": (Role.STAFF, "form_check", "supplement"),
            "supplement": (Role.AGENCY, "supplement", "form_check"),
            "fail_check": (Role.STAFF, "form_check", "refused"),
            "pass_check": (Role.STAFF, "form_check", "verification"),
            "fail_verify": (Role.STAFF, "verification", "refused"),
            "verify": (Role.STAFF, "verification", "scoring"),
            "fail_scoring": (Role.STAFF, "scoring", "refused"),
            "conclude": (Role.STAFF, "scoring", "publicity"),
            "object": (None, "publicity", "objection"),
            "dismiss": (Role.STAFF, "objection", "publicity"),
            "uphold": (Role.STAFF, "objection", "refused"),
            "end_publicity": (None, "publicity", "approved"),
            "admit": (Role.SIGNER, "approved", "listed"),
            "withdraw": (Role.AGENCY, f"draft {OPEN}", "withdrawn"),
            "lapse": (None, "supplement", "lapsed"),
        },
    ),
    "complaint": (
        COMPLAINT,
        {
            "accept": (Role.STAFF, "received", "reply_due"),
            "refuse": (Role.STAFF, "received", "not_accepted"),
            "reply": (Role.AGENCY, "reply_due", "heard"),
            "reply_over": (None, "reply_due", "heard"),
            "hear_again": (Role.STAFF, "heard", "reply_due"),
            "find_unfounded": (Role.STAFF, "heard", "unfounded"),
            "warn": (Role.STAFF, "heard", "warned"),
            "suspend": (Role.SIGNER, "heard", "suspended"),
            "delist": (Role.SIGNER, "heard", "delisted"),
            "withdraw": (Role.FIRM_MEMBER, "received reply_due heard", "withdrawn"),
        },
    ),
    "review": (
        REVIEW,
        {
            "report": (Role.AGENCY, "asked unreported", "reported"),
            "return": (Role.STAFF, "reported", "asked"),
            "report_over": (None, "asked", "unreported"),
            "renew": (Role.STAFF, "reported", "renewed"),
            "downgrade": (Role.STAFF, "reported", "downgraded"),
            "suspend": (Role.SIGNER, "reported unreported", "suspended"),
            "delist": (Role.SIGNER, "reported unreported", "delisted"),
            "end": (None, "asked reported unreported", "ended"),
        },
    ),
    "listing": (
        LISTING,
        {
            "suspend": (Role.SIGNER, "active suspended", "suspended"),
            "resume": (Role.SIGNER, "suspended", "active"),
            "end_suspension": (None, "suspended", "active"),
            "expire": (None, "active suspended", "term_end"),
            "relist": (Role.STAFF, "term_end", "active"),
            "leave": (Role.AGENCY, "active suspended term_end", "exited"),
            "record_exit": (Role.STAFF, "active suspended term_end", "exited"),
            "delist": (Role.SIGNER, "active suspended term_end exited", "removed"),
        },
    ),
}
ROLES = [frozenset({role}) for role in Role] + [frozenset({Role.STAFF, Role.SIGNER}), frozenset()]


@pytest.mark.parametrize("name", TABLES)
def test_every_step_by_every_role_from_every_state(name: str) -> None:
    workflow, table = TABLES[name]
    assert set(table) == {step.name for step in workflow.steps}
    for (step, (role, sources, target)), state, roles in itertools.product(
        table.items(), workflow.states, ROLES
    ):
        actor = Actor("someone", roles)
        if role is not None and role in roles and state in sources.split():
            assert workflow.take(step, state, actor) == target
        else:
            with pytest.raises((NotAllowed, TransitionRefused)):
                workflow.take(step, state, actor)


@pytest.mark.parametrize("name", TABLES)
def test_what_only_the_house_does_the_house_does(name: str) -> None:
    workflow, table = TABLES[name]
    for step, (role, sources, target) in table.items():
        if role is None:
            for source in sources.split():
                assert workflow.take(step, source, system_actor("job")) == target


@pytest.fixture
def people(house: House) -> People:
    return People.of(house)


def test_the_whole_way_to_a_listing(each_house: House) -> None:
    affair = Affair(People.of(each_house)).to("listed")
    now, entry, listing = affair.now, affair.entry, affair.listing
    with affair.house.database.read() as session:
        steps = [step.step for step in history_of(session, "agency_application", affair.id)]
        acts = set(session.scalars(select(AuditRow.action).where(AuditRow.subject_id == str(affair.id))))
    assert steps == [
        "submit", "begin_check", "pass_check", "verify", "conclude", "end_publicity", "admit",
    ]  # fmt: skip
    assert {f"agency_application.{step}" for step in steps} <= acts, "each step is audited"
    assert (now.mark, now.due_on, now.number) == (1000, None, "机构-2026-00001")
    assert (entry.status, entry.verified, entry.name_zh) == ("active", True, ANSWERS["name_zh"])
    # 10 March 2026 is the first day after the publicity; the term ends the day before, two years later.
    assert (listing.listed_on, listing.listed_until, listing.review_on) == (
        date(2026, 3, 10), date(2028, 3, 9), date(2027, 3, 9),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("gap", "field"),
    [
        ({"name_zh": ""}, "name_zh"),
        ({"registration": ""}, "registration"),
        ({"languages": ["en"]}, "languages"),
        ({"languages": ["zh"]}, "languages"),
        ({"fees": {"currency": "USD"}}, "fees"),
        ({"offices": []}, "offices"),
        ({"contact": ""}, "contact"),
        ({"consent_promise": False}, "consent_promise"),
    ],
)
def test_nothing_is_submitted_with_a_gap(people: People, gap: dict[str, object], field: str) -> None:
    affair = Affair(people, **gap).fill()
    with pytest.raises(BadInput) as refused:
        affair.act(applying.submit, "agency")
    assert field in refused.value.details["fields"]
    assert (affair.now.state, affair.now.number) == ("draft", None)


def test_a_link_opens_its_own_application_and_no_other(people: People) -> None:
    one, two = Affair(people).fill(), Affair(people).fill()
    with pytest.raises(NotFound):
        one.do(applying.submit, two.agency, one.id, seen_version=one.now.version)
    for actor in (VISITOR, people.actors["firm"], people.actors["staff"]):
        with pytest.raises((NotFound, NotAllowed)):
            one.act(applying.submit, actor)


def test_a_change_seen_too_late_is_refused(people: People) -> None:
    affair = Affair(people).to("submitted")
    with pytest.raises(StaleWrite):
        affair.do(checking.take, "staff", affair.id, "begin_check", seen_version=affair.now.version - 1)


def test_the_check_passes_only_when_every_condition_is_met(people: People) -> None:
    affair = Affair(people).to("form_check")
    affair.act(checking.keep_checklist, "staff", {**FULL, "clean": "missing"})
    with pytest.raises(BadInput, match="No penalty"):
        affair.act(checking.take, "staff", "pass_check")
    with pytest.raises(BadInput):
        affair.act(checking.take, "staff", "fail_check", refusal="condition")
    affair.act(checking.take, "staff", "fail_check", refusal="condition", note="有行政处罚。")
    assert (affair.now.state, affair.now.refusal) == ("refused", "condition")


def test_nothing_is_marked_before_it_is_verified(people: People) -> None:
    affair = Affair(people).to("verification")
    with pytest.raises(BadInput, match="how it was verified"):
        affair.act(checking.take, "staff", "verify")
    with pytest.raises(TransitionRefused):
        affair.do(checking.mark, "one", affair.id, TOP, is_free=True)


def test_three_mark_and_none_of_them_confirms(people: People) -> None:
    affair = Affair(people).to("scoring")
    affair.do(checking.mark, "one", affair.id, TOP, is_free=True)
    affair.do(checking.mark, "one", affair.id, {**TOP, "record": 0}, is_free=True)
    assert len(affair.now.marks) == 1, "a second set of marks replaces the first"
    affair.do(checking.mark, "two", affair.id, TOP, is_free=True)
    with pytest.raises(BadInput, match="At least 3"):
        affair.act(checking.take, "staff", "conclude")
    with pytest.raises(BadInput, match="ties"):
        affair.do(checking.mark, "three", affair.id, TOP, is_free=False)
    with pytest.raises(BadInput, match="0 to 30"):
        affair.do(checking.mark, "three", affair.id, {**TOP, "record": 31}, is_free=True)
    affair.do(checking.mark, "three", affair.id, TOP, is_free=True)
    with pytest.raises(BadInput, match="another person"):
        affair.act(checking.take, "one", "conclude")
    affair.act(checking.take, "staff", "conclude")
    assert affair.now.mark == 900


def test_the_pass_mark_decides_both_ways(people: People) -> None:
    weak = {criterion.id: 0 for criterion in CRITERIA} | {"standing": 20, "record": 30, "reach": 15}
    affair = Affair(people).to("scoring")
    affair.mark_all(weak)
    with pytest.raises(BadInput, match="below the pass mark"):
        affair.act(checking.take, "staff", "conclude")
    affair.act(checking.take, "staff", "fail_scoring", note="低于合格线。")
    assert (affair.now.mark, affair.now.refusal) == (650, "below_mark")
    good = Affair(people, registration="2").to("scoring")
    good.mark_all()
    with pytest.raises(BadInput, match="reaches the pass mark"):
        good.act(checking.take, "staff", "fail_scoring", note="低于合格线。")


def test_an_objection_stops_the_publicity_and_one_upheld_ends_it(people: People) -> None:
    affair = Affair(people).to("publicity")
    first, second = affair.object(), affair.object("另一理由。")
    with people.house.database.read() as session:
        [shown] = list_published(session)
    assert (shown.until_on, shown.days_left) == (None, 5)
    with pytest.raises(BadInput, match="another person"):
        affair.act(publicity.decide_objection, "one", first.id, is_upheld=False, decision="经查不实。")
    affair.act(publicity.decide_objection, "staff", first.id, is_upheld=False, decision="经查不实。")
    assert affair.now.state == "objection", "one still waits"
    affair.act(publicity.decide_objection, "staff", second.id, is_upheld=True, decision="业绩不实。")
    assert (affair.now.state, affair.now.refusal) == ("refused", "objection")
    with people.house.database.read() as session:
        assert list_published(session) == []


def test_whoever_marked_does_not_list(people: People) -> None:
    affair = Affair(people).to("scoring")
    for name in ("one", "two", "signer"):
        affair.do(checking.mark, name, affair.id, TOP, is_free=True)
    affair.act(checking.take, "staff", "conclude")
    affair.pass_time()
    with pytest.raises(BadInput, match="another person"):
        affair.act(standing.admit, "signer")
    with pytest.raises(NotAllowed):
        affair.act(standing.admit, "staff")
    affair.act(standing.admit, "other_signer")
    assert affair.now.state == "listed"


# complaints


@pytest.fixture
def listed(people: People) -> Affair:
    return Affair(people).to("listed")


def test_a_complaint_is_hidden_from_the_agency_until_it_is_accepted_and_never_names_who(
    listed: Affair,
) -> None:
    made = listed.complain()
    with pytest.raises(NotFound):
        listed.on_complaint(made, complaints.reply, "agency", text="我们答复。")
    listed.on_complaint(made, complaints.take, "staff", "accept")
    listed.on_complaint(made, complaints.reply, "agency", text="我们答复。")
    assert listed.complaint(made).reply == "我们答复。"
    with pytest.raises(NotFound):
        listed.on_complaint(made, complaints.withdraw, "rival")


def test_a_complaint_leads_to_a_delisting_by_somebody_else_and_to_a_bar(listed: Affair) -> None:
    made = listed.complaint_in("heard")
    for who, error in (("staff", NotAllowed), ("firm", NotAllowed), ("agency", NotAllowed)):
        with pytest.raises(error):
            listed.on_complaint(made, complaints.take, who, "delist", words="经查属实。")
    with pytest.raises(BadInput, match="with its reasons"):
        listed.on_complaint(made, complaints.take, "signer", "delist")
    assert listed.entry.status == "active", "a refused decision leaves no trace"
    listed.on_complaint(made, complaints.take, "signer", "delist", words="经查属实。")
    assert (listed.complaint(made).state, listed.entry.status) == ("delisted", "removed")
    again = Affair(listed.people).fill()
    with pytest.raises(BadInput, match="may not apply before 2029-03-"):
        again.act(applying.submit, "agency")
    renamed = Affair(listed.people, name_zh="新名律师事务所").fill()
    with pytest.raises(BadInput, match="may not apply"):
        renamed.act(applying.submit, "agency")
    reregistered = Affair(listed.people, registration="other", name_zh="示例 律师事务所").fill()
    with pytest.raises(BadInput, match="may not apply"):
        reregistered.act(applying.submit, "agency")
    at(listed.house, date(2029, 4, 1))
    again.act(applying.submit, "agency")
    assert again.now.state == "submitted"


def test_whoever_accepted_a_complaint_warns_but_does_not_delist(listed: Affair) -> None:
    made = listed.complain()
    listed.on_complaint(made, complaints.take, "signer", "accept")
    listed.on_complaint(made, complaints.reply, "agency", text="收费符合约定。")
    for step in ("suspend", "delist"):
        with pytest.raises(BadInput, match="another person"):
            listed.on_complaint(made, complaints.take, "signer", step, words="经查属实。", months=3)
    listed.on_complaint(made, complaints.take, "other_signer", "suspend", words="经查属实。", months=3)
    assert (listed.entry.status, listed.listing.suspended_until) == ("suspended", date(2026, 6, 9))


def test_leaving_saves_no_agency_from_a_complaint(listed: Affair) -> None:
    made = listed.complaint_in("heard")
    listed.do(standing.leave, "agency", reason="业务调整。", seen_version=listed.entry.version)
    assert listed.entry.status == "exited"
    listed.on_complaint(made, complaints.take, "signer", "delist", words="经查属实。")
    assert listed.entry.status == "removed"


@pytest.mark.parametrize(
    "gap", [{"ground": "none"}, {"text": "差。"}, {"contact": ""}]
)  # fmt: skip
def test_a_complaint_says_what_about_and_from_whom(listed: Affair, gap: dict[str, str]) -> None:
    with pytest.raises(BadInput) as refused:
        listed.complain(**gap)
    assert set(gap) <= set(refused.value.details["fields"])


def test_visitors_experts_and_other_centres_file_no_complaint(listed: Affair) -> None:
    for actor, error in (
        (VISITOR, NotAllowed),
        (Actor("user:x", frozenset({Role.EXPERT}), centre_id=listed.people.centre), NotAllowed),
    ):
        with pytest.raises(error):
            listed.do(
                complaints.file_complaint, actor, listed.entry.id,
                ground="fees", text="收费高于公示上限。", contact="x", complainant="y",
            )  # fmt: skip


# reviews and the listing


def test_a_review_passed_gives_two_years_and_one_under_observation_gives_one(people: People) -> None:
    for registration, step, until, observed in (
        ("1", "renew", date(2029, 3, 9), False),
        ("2", "downgrade", date(2028, 3, 9), True),
    ):
        at(people.house, date(2026, 3, 2))
        affair = Affair(people, registration=registration).to("listed")
        affair.on_review(reviews.report, "agency", REPORT)
        affair.on_review(reviews.take, "staff", step, words="见审核意见。")
        listing = affair.listing
        assert (listing.listed_until, listing.is_observed) == (until, observed)
        assert listing.profile["matters"] == REPORT["matters"]


def test_a_report_in_time_or_late_but_never_empty(people: People) -> None:
    affair = Affair(people).to("listed")
    assert affair.review_in("unreported").state == "unreported"
    with pytest.raises(BadInput):
        affair.on_review(reviews.report, "agency", {"matters": "Two."})
    affair.on_review(reviews.report, "agency", REPORT)
    assert affair.review().state == "reported"


def test_a_review_suspends_and_delists_only_by_who_signs(people: People) -> None:
    affair = Affair(people).to("listed")
    affair.review_in("reported")
    with pytest.raises(NotAllowed):
        affair.on_review(reviews.take, "staff", "delist", words="未如实报告。")
    affair.on_review(reviews.take, "signer", "suspend", words="保险过期。", months=3)
    assert affair.entry.status == "suspended"


def test_a_listing_ends_by_itself_and_an_agency_that_left_is_reviewed_no_more(people: People) -> None:
    affair = Affair(people).to("listed")
    until = affair.listing.listed_until
    assert until is not None
    people.pass_to(until)
    assert affair.entry.status == "active", "the last day counts"
    people.pass_to(until + timedelta(days=1))
    assert affair.entry.status == "term_end"
    affair.do(standing.leave, "agency", reason="", seen_version=affair.entry.version)
    assert affair.review().state == "ended"


def test_a_suspension_ends_by_itself_and_a_second_never_shortens_it(people: People) -> None:
    affair = Affair(people).to("listed")
    for months in (6, 1):
        affair.do(
            standing.take_step, "signer", affair.entry.id, "suspend",
            seen_version=affair.entry.version, reason="核查中。", months=months,
        )  # fmt: skip
    until = affair.listing.suspended_until
    assert until == date(2026, 9, 9)
    people.pass_to(until)
    assert affair.entry.status == "suspended"
    people.pass_to(until + timedelta(days=1))
    assert (affair.entry.status, affair.listing.suspended_until) == ("active", None)


@pytest.mark.parametrize("step", ["suspend", "delist", "record_exit"])
def test_a_step_somebody_will_ask_about_needs_a_reason(people: People, step: str) -> None:
    affair = Affair(people).to("listed")
    with pytest.raises(BadInput, match="Say why"):
        affair.do(
            standing.take_step, "signer", affair.entry.id, step, seen_version=affair.entry.version, months=3
        )
    with pytest.raises(StaleWrite):
        affair.do(standing.take_step, "signer", affair.entry.id, step, seen_version=99, reason="因", months=3)


def test_steps_that_follow_from_time_or_the_agency_are_not_taken_on_the_page(people: People) -> None:
    affair = Affair(people).to("listed")
    for step in ("expire", "end_suspension", "leave"):
        with pytest.raises(SeamarkError):
            affair.do(standing.take_step, "signer", affair.entry.id, step, seen_version=affair.entry.version)
