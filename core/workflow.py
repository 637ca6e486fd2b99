"""State machines declared as data; pages, services and tests read the same table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from core.actor import Actor, Permission
from core.errors import TransitionRefused


@dataclass(frozen=True)
class Step:
    """One allowed step.

    Attributes:
        name: the verb, as services and forms use it.
        sources: states it may leave from.
        target: the state it leads to.
        permission: what the actor needs; None for steps only the system takes.
        zh, en: the button's words.
    """

    name: str
    sources: frozenset[str]
    target: str
    permission: Permission | None
    zh: str
    en: str


@dataclass(frozen=True)
class Workflow:
    """A declared state machine: states with their words, where it starts, which steps there are."""

    name: str
    states: dict[str, tuple[str, str]]
    initial: str
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        for step in self.steps:
            unknown = ({*step.sources, step.target}) - set(self.states)
            if unknown:
                raise ValueError(f"{self.name}.{step.name} names unknown states {sorted(unknown)}")

    def step(self, name: str) -> Step:
        """The step called ``name``; KeyError when undeclared (a programming error)."""
        return next(step for step in self.steps if step.name == name)

    def take(self, name: str, state: str, actor: Actor) -> str:
        """The state after ``actor`` takes step ``name`` from ``state``.

        Raises:
            NotAllowed: the actor lacks the step's permission, or only the system takes it.
            TransitionRefused: the step does not leave from ``state``.
        """
        step = self.step(name)
        if step.permission is not None:
            actor.require(step.permission)
        elif not actor.system:
            raise TransitionRefused(f"{self.name}: only the system may {name}.")
        if state not in step.sources:
            words = self.states[state][1]
            raise TransitionRefused(
                f"{self.name}: cannot {name} while it is {words!r}.",
                fix="Reload the page: somebody may have moved it already; nothing was lost.",
                state=state,
            )
        return step.target

    def open_to(self, state: str, actor: Actor) -> list[Step]:
        """The steps ``actor`` may take from ``state``, in declared order."""
        return [
            s
            for s in self.steps
            if state in s.sources and s.permission is not None and actor.may(s.permission)
        ]


def states_of(enum: type[StrEnum], words: Iterable[tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """States of an enum with their (zh, en) words, in order."""
    return {member.value: pair for member, pair in zip(enum, words, strict=True)}
