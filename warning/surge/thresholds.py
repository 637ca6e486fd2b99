"""The thresholds in force, and how others come into force: tried, proposed with a reason, adopted by another person.

Colours are everybody's, so thresholds hold for every centre. A week keeps the version it was judged by; adopting others
changes no signal that was raised. What is adopted is what was tried: the record stands beside it from the first day.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Permission
from core.clock import Clock
from core.errors import BadInput, NotAllowed, NotFound, StaleWrite, TransitionRefused
from core.said import said
from warning.surge.detect import ALPHA
from warning.surge.levels import Rules, rules_of
from warning.surge.signal_models import JudgedWeek
from warning.surge.trial_models import THRESHOLD_WORKFLOW, ThresholdState, Trial

LEAST_REASON, MOST_REASON = 4, 1000
_CONTENDING = (ThresholdState.PROPOSED.value, ThresholdState.ADOPTED.value)


@dataclass(frozen=True)
class InForce:
    """Thresholds with the version they are known by; nought is levels.yml."""

    version: int
    told: Mapping[str, Any]
    rules: Rules
    alpha: float


def shipped() -> InForce:
    """Those of levels.yml."""
    path = Path(__file__).with_name("levels.yml")
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    return InForce(0, {**told, "alpha": ALPHA}, rules_of(told), ALPHA)


def read_rules(told: Mapping[str, Any]) -> tuple[Rules, float]:
    """Rules and alpha as a trial keeps them. Raises ValueError."""
    alpha = float(told["alpha"])
    if not 1e-4 <= alpha <= 0.05:
        raise ValueError("alpha must be from 0.0001 to 0.05")
    return rules_of(told), alpha


def rules_in_force(session: Session) -> InForce:
    """The thresholds by which weeks are judged now."""
    trial = adopted(session)
    return shipped() if trial is None else _of(trial)


def rules_of_week(session: Session, week: JudgedWeek) -> InForce:
    """The thresholds a week was judged by."""
    if not week.rules_version:
        return shipped()
    return _of(session.scalars(select(Trial).where(Trial.version == week.rules_version)).one())


def adopted(session: Session) -> Trial | None:
    """The trial whose thresholds are in force; None while levels.yml is."""
    return session.scalars(select(Trial).where(Trial.state == ThresholdState.ADOPTED.value)).first()


def _of(trial: Trial) -> InForce:
    rules, alpha = read_rules(trial.rules)
    return InForce(trial.version or 0, trial.rules, rules, alpha)


def get_trial(session: Session, actor: Actor, trial_id: uuid.UUID) -> Trial:
    """The trial. Raises NotFound when the actor may not know of it."""
    trial = session.scalar(Trial.visible_to(actor).where(Trial.id == trial_id))
    if trial is None:
        raise NotFound(said("There is no such trial."))
    return trial


def decide_thresholds(
    session: Session,
    clock: Clock,
    actor: Actor,
    trial_id: uuid.UUID,
    step: str,
    reason: str,
    *,
    seen: int,
) -> Trial:
    """Take a step of :data:`THRESHOLD_WORKFLOW`.

    Args:
        reason: why; needed for all but to withdraw.
        seen: the revision the actor looked at.

    Raises:
        NotAllowed: the actor does not decide, adopts or refuses what they proposed, or withdraws another's proposal.
        NotFound, BadInput (no reason), StaleWrite, TransitionRefused (the trial is not done, or the step leads nowhere).
    """
    actor.require(Permission.SIGNAL_DECIDE)
    get_trial(session, actor, trial_id)
    # In one order for everybody: two proposals adopted at once leave one in force.
    held = session.scalars(
        select(Trial)
        .where((Trial.id == trial_id) | Trial.state.in_(_CONTENDING))
        .order_by(Trial.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    trial = next(one for one in held if one.id == trial_id)
    if trial.revision != seen:
        raise StaleWrite(
            said("Somebody decided about these thresholds meanwhile."),
            fix=said("Load the page again and look."),
        )
    written = reason.strip()
    if step != "withdraw" and not LEAST_REASON <= len(written) <= MOST_REASON:
        raise BadInput(
            said("A reason of %(least)s to %(most)s characters is needed.", least=LEAST_REASON, most=MOST_REASON),
            fix=said("Say what the figures show, in a sentence."),
        )  # fmt: skip
    _refuse_one_person(trial, actor, step)
    state = THRESHOLD_WORKFLOW.take(step, trial.state, actor)
    if trial.result is None:
        raise TransitionRefused(
            said("Thresholds are proposed once their trial is done."), fix=said("Let it run to its end.")
        )
    if step == "adopt":
        _put_in_force(session, held, trial)
    trial.state, trial.revision = state, trial.revision + 1
    trial.reason = written or trial.reason
    trial.proposed_by = actor.name if step == "propose" else trial.proposed_by
    if step in ("adopt", "refuse"):
        trial.decided_by, trial.decided_at = actor.name, clock.now()
    session.flush()
    audit.record(
        session, clock, actor, f"thresholds.{step}", "thresholds", trial.id, values={"reason": written}
    )
    return trial


def _put_in_force(session: Session, held: Any, trial: Trial) -> None:
    for other in held:
        if other.id != trial.id and other.state == ThresholdState.ADOPTED.value:
            other.state, other.revision = ThresholdState.REPLACED.value, other.revision + 1
    session.flush()
    trial.version = (session.scalar(select(func.max(Trial.version))) or 0) + 1


def _refuse_one_person(trial: Trial, actor: Actor, step: str) -> None:
    if trial.state != ThresholdState.PROPOSED.value:
        return
    if step in ("adopt", "refuse") and actor.name == trial.proposed_by:
        raise NotAllowed(
            said("Whoever proposed thresholds does not decide about them."),
            fix=said("Ask a colleague to look at them."),
        )
    if step == "withdraw" and actor.name != trial.proposed_by:
        raise NotAllowed(
            said("Only whoever proposed thresholds withdraws them."), fix=said("Refuse them instead.")
        )
