"""The text of single rules, as people read and edit them: the shipped ones, and whatever is typed in their place."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from core.errors import RulebookInvalid
from warning.rules.compile import FOLDER, rule_from
from warning.rules.model import Rule

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: characters of a rule's text
LONGEST = 60_000
#: where a typed rule stands, as messages name it
TYPED = Path("rule.yml")


@dataclass(frozen=True)
class BaseRule:
    """A shipped rule: the file it stands in, its text without the file's indent, and what that means."""

    path: Path
    text: str
    rule: Rule


@cache
def base_rules() -> Mapping[str, BaseRule]:
    """The shipped rules by id, in their files' order. Raises RulebookInvalid."""
    return {one.rule.id: one for path in sorted(FOLDER.rglob("*.yml")) for one in _of_file(path)}


def _of_file(path: Path) -> Iterator[BaseRule]:
    text = path.read_text(encoding="utf-8")
    document = yaml.compose(text, Loader=_LOADER)
    if not isinstance(document, yaml.MappingNode):
        raise RulebookInvalid(f"{path.name} is no mapping with a list of rules")
    lines = text.splitlines(keepends=True)
    (listed,) = [value for key, value in document.value if key.value == "rules"]
    starts = [node.start_mark.line for node in listed.value]
    rows = yaml.load(text, Loader=_LOADER)["rules"]
    for row, start, end in zip(rows, starts, [*starts[1:], len(lines)], strict=True):
        # "- id: …" begins the item; its other lines stand under the i of id.
        own = [line.replace("- ", "  ", 1) if n == 0 else line for n, line in enumerate(lines[start:end])]
        yield BaseRule(path, textwrap.dedent("".join(own)).rstrip() + "\n", rule_from(path, row))


def read_rule(text: str) -> Rule:
    """The rule that ``text`` writes: one YAML mapping of the shape ``iprisk.rule/1``.

    Raises RulebookInvalid saying what is wrong with it: no YAML, another shape, too long, or with anchors and references,
    which no rule needs and which may unfold without end.
    """
    if len(text) > LONGEST:
        raise _wrong(f"is longer than {LONGEST} characters")
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise _wrong("uses an anchor or a reference")
        row = yaml.load(text, Loader=_LOADER)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _wrong(f"is not YAML: {error}") from error
    if not isinstance(row, dict):
        raise _wrong("is no mapping: begin with id:")
    return rule_from(TYPED, row)


def _wrong(problem: str) -> RulebookInvalid:
    return RulebookInvalid(f"The rule {problem}.", fix="Mend the text and check again.")
