"""Questions to the services alone, without the pages' gates before them: who may do what."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from werkzeug.datastructures import MultiDict

from accounts.service import create_user, get_user, list_audit, list_users
from cases.query import candidates, review_case
from cases.schemas import CaseSearchSchema
from cases.searching import export_rows, request_of
from core.actor import VISITOR, Actor, Role
from core.errors import BadInput, NotAllowed, NotFound, SeamarkError, TransitionRefused
from core.jobs import request_stop
from core.web import load
from enterprises.importing import import_firms
from enterprises.staging import stage, take
from experts import casework, clearing, objecting
from experts.consultation_models import Consultation
from experts.ports import Candidate, Suggest, Suggestion
from tests.web.world import Site
from warning.alerts import get_alert, mark_alert, matches_of_case
from warning.queue import count_candidates, list_candidates


def _refused(act: Callable[[], object], error: type[SeamarkError], who: str) -> None:
    try:
        act()
    except error:
        return
    except SeamarkError as other:
        raise AssertionError(f"{who}: expected {error.__name__}, got {type(other).__name__}") from other
    raise AssertionError(f"{who}: was let through")


def only_staff_review(site: Site) -> None:
    """A visitor, a firm and an administrator are told that they may not, even about a public case."""
    for actor in (VISITOR, site.actor("a"), site.actor("admin")):

        def act(actor: Actor = actor) -> None:
            with site.house.database.write() as session:
                case_id = uuid.UUID(site.ids["case"])
                review_case(session, site.house.clock, actor, case_id, "dismiss", seen_version=1)

        _refused(act, NotAllowed, actor.name)


def only_the_firm_reads_its_alert(site: Site) -> None:
    """Staff may see an alert; reading it is the firm's."""

    def act() -> None:
        with site.house.database.write() as session:
            alert = uuid.UUID(site.ids["alert_alpha"])
            mark_alert(session, site.house.clock, site.actor("staff"), alert, "read")

    _refused(act, NotAllowed, "staff")


def a_firm_gets_its_own_alert_alone(site: Site) -> None:
    """By id, through the service."""

    def act() -> None:
        with site.house.database.read() as session:
            get_alert(session, site.actor("b"), uuid.UUID(site.ids["alert_alpha"]))

    _refused(act, NotFound, "b")


def matches_are_for_those_concerned(site: Site) -> None:
    """Firm B, another centre, a visitor and an administrator see no match of firm A."""
    for role in ("b", "other", "admin"):
        with site.house.database.read() as session:
            found = matches_of_case(session, site.actor(role), uuid.UUID(site.ids["case"]))
        assert found == [], role
    with site.house.database.read() as session:
        assert matches_of_case(session, VISITOR, uuid.UUID(site.ids["case"])) == []


def only_staff_import_firms(site: Site) -> None:
    """Nobody else writes the register."""
    content = "firm,name,kind\nx,某公司,legal_zh\n".encode()
    for role in ("a", "admin"):
        actor = site.actor(role)
        _refused(
            lambda actor=actor: import_firms(  # type: ignore[misc]
                site.house.database, site.house.clock, actor, "f.csv", content, dry_run=True
            ),
            NotAllowed,
            role,
        )


def only_administrators_make_accounts(site: Site) -> None:
    """Staff and firms make none."""
    for role in ("a", "staff"):

        def act(role: str = role) -> None:
            with site.house.database.write() as session:
                create_user(
                    session,
                    site.house.clock,
                    site.actor(role),
                    email=f"made-by-{role}@example.org",
                    roles=[Role.ADMIN],
                )
                raise NotFound("it was made")

        _refused(act, NotAllowed, role)


def accounts_of_another_centre_are_not_found(site: Site) -> None:
    """By id and in the list."""

    def act() -> None:
        with site.house.database.read() as session:
            get_user(session, site.actor("admin"), uuid.UUID(site.ids["user_other"]))

    _refused(act, NotFound, "admin")
    with site.house.database.read() as session:
        shown = [user.email for user in list_users(session, site.actor("admin")).rows]
    assert "other@example.org" not in shown


def only_administrators_read_the_audit(site: Site) -> None:
    """And only their centre's."""

    def act() -> None:
        with site.house.database.read() as session:
            list_audit(session, site.actor("staff"))

    _refused(act, NotAllowed, "staff")
    with site.house.database.read() as session:
        rows = list_audit(session, site.actor("admin"), limit=500).rows
    assert {row.centre_id for row in rows} <= {site.centre, None}


def only_staff_export(site: Site) -> None:
    """A visitor takes nothing away in bulk."""
    question = request_of(load(CaseSearchSchema(), MultiDict()), VISITOR)
    for actor in (VISITOR, site.actor("a"), site.actor("admin")):
        _refused(
            lambda actor=actor: list(export_rows(site.house.index, question, actor)),  # type: ignore[misc]
            NotAllowed,
            actor.name,
        )


def only_staff_see_the_queue(site: Site) -> None:
    """Not even how long it is."""
    from cases.models import CaseStatus

    for actor in (VISITOR, site.actor("a"), site.actor("admin")):
        with site.house.database.read() as session:
            listed = partial(list_candidates, session, actor, status=CaseStatus.CANDIDATE)
            for act in (listed, partial(count_candidates, session, actor), partial(candidates, actor)):
                _refused(act, NotAllowed, actor.name)


def a_job_of_another_centre_is_not_stopped(site: Site) -> None:
    """By id, through the service."""

    def act() -> None:
        with site.house.database.write() as session:
            request_stop(session, site.house.clock, site.actor("other"), uuid.UUID(site.ids["job"]))

    _refused(act, NotFound, "other")


def an_upload_is_its_senders(site: Site) -> None:
    """Whoever knows the token of somebody else's file does not get it."""
    folder = Path(site.house.settings.home) / "staging"
    token = stage(folder, "user:one", b"content")
    _refused(lambda: take(folder, "user:two", token), NotFound, "user:two")


_DOUBT = "Acme may be on the other side."


def _held(expert_id: uuid.UUID, *doubts: str) -> Suggest:
    """A port that names one expert, held for ``doubts``."""
    candidate = Candidate(expert_id, "专家", doubts, is_held=bool(doubts))
    return lambda *_: Suggestion((candidate,))


def nobody_held_is_asked_uncleared(site: Site) -> None:
    """Not with any words, not after another doubt was cleared, not after another expert was."""
    matter_id, expert = uuid.UUID(site.ids["matter_accepted"]), uuid.UUID(site.ids["expert"])
    clock, staff = site.house.clock, site.actor("staff")

    def ask(port: Suggest) -> None:
        with site.house.database.write() as session:
            seen = session.get_one(Consultation, matter_id).version
            casework.assign(
                session, clock, staff, matter_id, expert, port, note="all the same", seen_version=seen
            )

    _refused(partial(ask, _held(expert, _DOUBT)), BadInput, "uncleared")
    _clear(site, staff, "another doubt")
    _refused(partial(ask, _held(expert, _DOUBT, "another doubt")), BadInput, "cleared of less than is known")


def _clear(site: Site, actor: Actor, *doubts: str, reason: str = "looked at") -> None:
    matter_id, expert = uuid.UUID(site.ids["matter_accepted"]), uuid.UUID(site.ids["expert"])
    with site.house.database.write() as session:
        seen = session.get_one(Consultation, matter_id).version
        clearing.clear_conflict(
            session, site.house.clock, actor, matter_id, expert, _held(expert, *doubts), reason=reason,
            seen_version=seen,
        )  # fmt: skip


def only_other_staff_clear_with_a_reason(site: Site) -> None:
    """Neither the firm, nor without a word, nor the expert themselves, nor somebody whom nothing holds."""
    staff = site.actor("staff")
    both = replace(staff, expert_id=uuid.UUID(site.ids["expert"]))
    _refused(partial(_clear, site, site.actor("a"), _DOUBT), NotAllowed, "a")
    _refused(partial(_clear, site, staff, _DOUBT, reason=" "), BadInput, "without a reason")
    _refused(partial(_clear, site, both, _DOUBT), NotAllowed, "the expert themselves")
    _refused(partial(_clear, site, staff), BadInput, "nothing to clear")


def a_firm_objects_once(site: Site) -> None:
    """Whatever was decided of the first."""
    matter_id, clock = uuid.UUID(site.ids["matter_assigned"]), site.house.clock

    def act(who: str = "a") -> None:
        with site.house.database.write() as session:
            seen = session.get_one(Consultation, matter_id).version
            objecting.object_to_expert(
                session, clock, site.actor(who), matter_id, reason="too near", seen_version=seen
            )

    _refused(partial(act, "staff"), NotAllowed, "staff")
    act()
    _refused(act, TransitionRefused, "a second time")
