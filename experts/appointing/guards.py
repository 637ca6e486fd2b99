"""What a step needs besides its state and permission. Each guard is pure: application, actor, day in; obstacle out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from core.actor import Actor
from core.said import Said, said
from experts.appointing.models import Application
from experts.appointing.workflow import (
    CHECKS,
    DOCUMENTS,
    LEAST_REVIEWERS,
    NEEDED_DOCUMENTS,
    PASS_MARK,
    WAIVABLE,
)


@dataclass(frozen=True)
class Obstacle:
    """Why a step is not taken, and which field of the form it is about ("" for none)."""

    sentence: Said
    field: str = ""


Guard = Callable[[Application, Actor, date], Obstacle | None]
#: what must be told before an application can be submitted
NEEDED: tuple[tuple[str, Said], ...] = (
    ("name_zh", said("Write your name.")),
    ("expert_class", said("Choose what you work as.")),
    ("employer", said("Name your employer.")),
    ("title", said("Write your title or post.")),
    ("languages", said("Choose the languages you work in.")),
    ("dispute_types", said("Choose the disputes you know.")),
    ("cases_text", said("Describe at least three matters; names may be left out.")),
    ("hours", said("Say how many hours a year you can give.")),
)


def gaps_in(application: Application) -> dict[str, list[Said]]:
    """What is missing for submission: field -> sentences."""
    gaps = {name: [sentence] for name, sentence in NEEDED if not application.answers.get(name)}
    if not application.contact:
        gaps["contact"] = [said("Give an e-mail address or a telephone number.")]
    if not application.birth_year:
        gaps["birth_year"] = [said("Write your year of birth.")]
    if not application.id_last4:
        gaps["id_last4"] = [said("Write the last four signs of your identity document's number.")]
    there = {file.document for file in application.files}
    for document in NEEDED_DOCUMENTS:
        if document not in there:
            missing = said("A document is missing: %(document)s.", document=DOCUMENTS[document])
            gaps.setdefault("file", []).append(missing)
    for name, sentence in (
        ("consent_truth", said("Confirm that what you told is true.")),
        ("consent_notice", said("Agree to the notice on personal information, or do not send it.")),
        ("consent_promise", said("Promise secrecy and to declare conflicts, or do not send it.")),
    ):
        if not getattr(application, name):
            gaps[name] = [sentence]
    return gaps


def is_complete(application: Application, actor: Actor, today: date) -> Obstacle | None:
    """Everything is told that must be."""
    for field, sentences in gaps_in(application).items():
        return Obstacle(sentences[0], field)
    return None


def says_what_is_wanted(application: Application, actor: Actor, today: date) -> Obstacle | None:
    """The applicant learns what to supplement."""
    if application.wanted:
        return None
    return Obstacle(said("Say what is to be supplemented; the applicant reads it."), "note")


def says_something(application: Application, actor: Actor, today: date) -> Obstacle | None:
    """A supplement says something."""
    if application.supplement:
        return None
    return Obstacle(said("Say what you add or changed."), "note")


def in_time(application: Application, actor: Actor, today: date) -> Obstacle | None:
    """The holder's last day has not passed."""
    if application.due_on is None or today <= application.due_on:
        return None
    return Obstacle(said("The last day for the supplement has passed."))


def is_late(application: Application, actor: Actor, today: date) -> Obstacle | None:
    """The holder's last day has passed."""
    if application.due_on is not None and today > application.due_on:
        return None
    return Obstacle(said("The last day has not passed yet."))


def is_qualified(application: Application, actor: Actor, today: date) -> Obstacle | None:
    """Every item of the check is met, or waived where that may be."""
    for item, _ in CHECKS:
        found = application.checklist.get(item, {})
        if found.get("result") == "met":
            continue
        if found.get("result") == "waived" and item in WAIVABLE and found.get("note"):
            continue
        return Obstacle(
            said("Every item of the check must be met, or waived with a reason where it may be."), "checklist"
        )
    return None


def has_refusal(application: Application, actor: Actor, today: date) -> Obstacle | None:
    """A refusal has its reason."""
    return None if application.refusal else Obstacle(said("Choose the reason for the refusal."), "reason")


def panel_is_whole(application: Application, actor: Actor, today: date) -> Obstacle | None:
    """At least three reviewers, all of whom have marked."""
    if len(application.seats) < LEAST_REVIEWERS:
        return Obstacle(said("A panel has at least %(least)s reviewers.", least=LEAST_REVIEWERS))
    if any(seat.total is None or not seat.is_free for seat in application.seats):
        return Obstacle(said("Not every reviewer has marked yet."))
    return None


def is_supervisor(application: Application, actor: Actor, today: date) -> Obstacle | None:
    """Whoever confirms is the panel's supervisor, and no reviewer."""
    if actor.user_id is None or actor.user_id != application.supervisor_id:
        return Obstacle(said("The panel's supervisor confirms its result, nobody else."))
    return is_no_reviewer(application, actor, today)


def is_no_reviewer(application: Application, actor: Actor, today: date) -> Obstacle | None:
    """Whoever decides has not marked."""
    if any(seat.account_id == actor.user_id for seat in application.seats):
        return Obstacle(said("You sit on this panel: another person decides this."))
    return None


def mean_of(application: Application) -> int:
    """The panel's mean mark in tenths of a point, rounded down."""
    totals = [seat.total for seat in application.seats if seat.total is not None]
    return 10 * sum(totals) // len(totals) if totals else 0


def passes(application: Application, actor: Actor, today: date) -> Obstacle | None:
    """The mean reaches the pass mark."""
    if mean_of(application) >= 10 * PASS_MARK:
        return None
    return Obstacle(said("The mean is below the pass mark of %(mark)s.", mark=PASS_MARK))


def falls_short(application: Application, actor: Actor, today: date) -> Obstacle | None:
    """The mean is below the pass mark."""
    if mean_of(application) < 10 * PASS_MARK:
        return None
    return Obstacle(said("The mean reaches the pass mark of %(mark)s.", mark=PASS_MARK))


def all_decided(application: Application, actor: Actor, today: date) -> Obstacle | None:
    """No objection is open."""
    if any(objection.state == "open" for objection in application.objections):
        return Obstacle(said("An objection is not decided yet."))
    return None


def one_upheld(application: Application, actor: Actor, today: date) -> Obstacle | None:
    """An objection was upheld."""
    if any(objection.state == "upheld" for objection in application.objections):
        return None
    return Obstacle(said("No objection was upheld."))


def none_upheld(application: Application, actor: Actor, today: date) -> Obstacle | None:
    """No objection was upheld."""
    if any(objection.state == "upheld" for objection in application.objections):
        return Obstacle(said("An objection was upheld."))
    return None


GUARDS: dict[str, tuple[Guard, ...]] = {
    "submit": (is_complete,),
    "ask_supplement": (says_what_is_wanted,),
    "supplement": (in_time, says_something),
    "fail_check": (has_refusal,),
    "pass_check": (is_qualified,),
    "conclude_panel": (panel_is_whole, is_supervisor, passes),
    "fail_panel": (panel_is_whole, is_supervisor, falls_short, has_refusal),
    "dismiss": (is_no_reviewer, all_decided, none_upheld),
    "uphold": (is_no_reviewer, one_upheld, has_refusal),
    "end_publicity": (is_late, all_decided, none_upheld),
    "appoint": (is_no_reviewer, all_decided, none_upheld),
    "lapse": (is_late,),
}
