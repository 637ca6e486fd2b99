"""Removing any one check in a service makes a test fail: each check is cut out of its function's own source, the
suite's question is asked again, and it must fail. A check that no longer stands in the source fails here too."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest

import accounts.models
import accounts.service
import cases.documents
import cases.models
import cases.query
import cases.searching
import core.jobs
import core.workflow
import enterprises.importing
import enterprises.models
import enterprises.staging
import experts.casework
import experts.clearing
import experts.objecting
import warning.models
import warning.queue
from tests.mutations import questions
from tests.web import asking
from tests.web.world import Site


@dataclass(frozen=True)
class Check:
    """A check: where it stands, its text, what stands there without it, and the question that must notice."""

    owner: Any
    function: str
    text: str
    without: str
    question: Callable[[Site], None]

    def __str__(self) -> str:
        where = self.owner.__name__.rsplit(".", 1)[-1]
        return f"{where}.{self.function} | {self.text[:48]} | {self.question.__name__}"


_CENTRE = "query = query.where(cls.centre_id == actor.centre_id)"
_REQUIRE = "actor.require(Permission.{})"

CHECKS = [
    Check(
        experts.clearing,
        "choose_expert",
        "if chosen.is_held and chosen.clearance is None:",
        "if False:",
        questions.nobody_held_is_asked_uncleared,
    ),
    Check(
        experts.clearing,
        "covering",
        "clearance.expert_id == candidate.expert_id and doubts_in(clearance) >= set(candidate.reasons)",
        "clearance.expert_id == candidate.expert_id",
        questions.nobody_held_is_asked_uncleared,
    ),
    Check(
        experts.clearing,
        "clear_conflict",
        "if actor.expert_id == held.expert_id:",
        "if False:",
        questions.only_other_staff_clear_with_a_reason,
    ),
    Check(
        experts.clearing,
        "clear_conflict",
        "if not reason.strip():",
        "if False:",
        questions.only_other_staff_clear_with_a_reason,
    ),
    Check(
        experts.clearing,
        "clear_conflict",
        "c.expert_id == expert_id and c.is_held",
        "c.expert_id == expert_id",
        questions.only_other_staff_clear_with_a_reason,
    ),
    Check(
        experts.objecting,
        "object_to_expert",
        _REQUIRE.format("CONSULT_SUBMIT"),
        "pass",
        questions.a_firm_objects_once,
    ),
    Check(
        warning.models.Alert,
        "visible_to",
        "return query.where(cls.firm_id == actor.firm_id)",
        "return query",
        asking.assert_b_sees_nothing_of_a,
    ),
    Check(
        warning.models.Alert,
        "visible_to",
        "return query.where(cls.firm_id == actor.firm_id)",
        "return query",
        questions.a_firm_gets_its_own_alert_alone,
    ),
    Check(
        warning.models.Alert, "visible_to", _CENTRE, "pass", asking.assert_other_centre_sees_nothing_of_ours
    ),
    Check(
        enterprises.models.Firm,
        "visible_to",
        "return query if actor.is_staff else query.where(cls.id == actor.firm_id)",
        "return query",
        asking.assert_b_sees_nothing_of_a,
    ),
    Check(
        enterprises.models.Firm,
        "visible_to",
        _CENTRE,
        "pass",
        asking.assert_other_centre_sees_nothing_of_ours,
    ),
    Check(
        warning.models.PartyMatch,
        "visible_to",
        'return query if actor.is_staff else query.where(cls.firm_id == actor.firm_id, cls.grade == "confirm")',
        "return query",
        questions.matches_are_for_those_concerned,
    ),
    Check(
        warning.models.PartyMatch, "visible_to", _CENTRE, "pass", questions.matches_are_for_those_concerned
    ),
    Check(
        cases.models.Case,
        "visible_to",
        "return query if actor.is_staff else query.where(cls.status == CaseStatus.PUBLIC.value)",
        "return query",
        asking.assert_visitor_sees_no_candidates,
    ),
    Check(
        core.jobs.Job,
        "visible_to",
        "return query.where((cls.centre_id == actor.centre_id) | (cls.centre_id.is_(None)))",
        "return query",
        questions.a_job_of_another_centre_is_not_stopped,
    ),
    Check(
        core.jobs.Job,
        "visible_to",
        "return query.where((cls.centre_id == actor.centre_id) | (cls.centre_id.is_(None)))",
        "return query",
        asking.assert_other_centre_sees_nothing_of_ours,
    ),
    Check(
        accounts.models.User,
        "visible_to",
        "return query.where(cls.centre_id == actor.centre_id)",
        "return query",
        questions.accounts_of_another_centre_are_not_found,
    ),
    Check(
        core.workflow.Workflow,
        "take",
        "actor.require(step.permission)",
        "pass",
        questions.only_staff_review,
    ),
    Check(
        core.workflow.Workflow,
        "take",
        "actor.require(step.permission)",
        "pass",
        questions.only_the_firm_reads_its_alert,
    ),
    Check(
        enterprises.importing,
        "import_firms",
        _REQUIRE.format("FIRM_WRITE"),
        "pass",
        questions.only_staff_import_firms,
    ),
    Check(
        accounts.service,
        "create_user",
        _REQUIRE.format("USER_WRITE"),
        "pass",
        questions.only_administrators_make_accounts,
    ),
    Check(
        accounts.service,
        "list_audit",
        _REQUIRE.format("AUDIT_READ"),
        "pass",
        questions.only_administrators_read_the_audit,
    ),
    Check(
        accounts.service,
        "list_audit",
        "if not actor.system:",
        "if False:",
        questions.only_administrators_read_the_audit,
    ),
    Check(cases.searching, "export_rows", _REQUIRE.format("EXPORT"), "pass", questions.only_staff_export),
    Check(
        cases.query,
        "candidates",
        _REQUIRE.format("CANDIDATE_REVIEW"),
        "pass",
        questions.only_staff_see_the_queue,
    ),
    Check(
        warning.queue,
        "list_candidates",
        _REQUIRE.format("CANDIDATE_REVIEW"),
        "pass",
        questions.only_staff_see_the_queue,
    ),
    Check(
        warning.queue,
        "count_candidates",
        _REQUIRE.format("CANDIDATE_REVIEW"),
        "pass",
        questions.only_staff_see_the_queue,
    ),
    Check(
        enterprises.staging,
        "take",
        'if hashlib.sha256(owner.encode() + b"\\0" + content).hexdigest() == token:',
        "if True:",
        questions.an_upload_is_its_senders,
    ),
]


def take_away(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a function without the check in the place of the one that has it, wherever it was imported."""
    whole = inspect.getattr_static(check.owner, check.function)
    function = whole.__func__ if isinstance(whole, classmethod) else whole
    source = textwrap.dedent(inspect.getsource(function))
    assert source.count(check.text) == 1, f"{check} no longer stands in the source"
    space = dict(function.__globals__)
    exec(compile(source.replace(check.text, check.without), inspect.getfile(function), "exec"), space)  # noqa: S102
    cut = space[check.function]
    if not isinstance(check.owner, ModuleType):
        monkeypatch.setattr(check.owner, check.function, cut)
        return
    for module in (check.owner, questions):
        if getattr(module, check.function, None) is function:
            monkeypatch.setattr(module, check.function, cut)


@pytest.mark.parametrize(
    "question", dict.fromkeys(check.question for check in CHECKS), ids=lambda q: q.__name__
)
def test_the_question_passes_while_every_check_stands(fresh: Site, question: Callable[[Site], None]) -> None:
    question(fresh)


@pytest.mark.parametrize("check", CHECKS, ids=str)
def test_a_check_taken_away_makes_its_question_fail(
    fresh: Site, monkeypatch: pytest.MonkeyPatch, check: Check
) -> None:
    take_away(check, monkeypatch)
    with pytest.raises(AssertionError):
        check.question(fresh)


def test_documents_for_staff_alone_matter(fresh: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    check = Check(
        cases.documents,
        "_document",
        'frozenset({"public"} if case.status == CaseStatus.PUBLIC.value else {"staff"})',
        'frozenset({"public"})',
        asking.assert_visitor_sees_no_candidates,
    )
    check.question(fresh)
    take_away(check, monkeypatch)
    fresh.house.projector.reindex(fresh.house.database.read)
    with pytest.raises(AssertionError):
        check.question(fresh)


def test_the_gate_before_the_pages_matters_on_its_own(fresh: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the gates open the services still refuse: two locks, and each is tried alone."""
    monkeypatch.setitem(
        fresh.app.before_request_funcs,
        None,
        [f for f in fresh.app.before_request_funcs[None] if f.__name__ != "_enforce"],
    )
    asking.assert_b_sees_nothing_of_a(fresh)
    asking.assert_other_centre_sees_nothing_of_ours(fresh)
    asking.assert_visitor_sees_no_candidates(fresh)
