"""The parties of a bulletin: who is printed by name, who by a letter, and on which side they stand. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from warning.masking import Hidden, masked_as

_CLAIMANT = {
    "plaintiff": ("原告", "plaintiff"),
    "complainant": ("申诉人", "complainant"),
    "opposer": ("异议人", "opposer"),
    "petitioner": ("请求人", "petitioner"),
    "appellant": ("上诉人", "appellant"),
    "counterclaimant": ("反诉人", "counterclaimant"),
}
_RESPONDENT = {
    "defendant": ("被告", "defendant"),
    "respondent": ("被申请人", "respondent"),
    "appellee": ("被上诉人", "appellee"),
    "applicant": ("申请人", "applicant"),
    "registrant": ("注册人", "registrant"),
    "patent_owner": ("专利权人", "patent owner"),
    "counterdefendant": ("反诉被告", "counterclaim defendant"),
}
#: parties of one role that a sentence names at most
_MANY = 6


@dataclass(frozen=True)
class Named:
    """A party as the bulletin's private part keeps it. ``hidden``: every name it must not be called by."""

    party: str
    name: str
    side: str
    role: str
    local: bool = False
    firm: str = ""
    letter: str = ""
    disclosed: bool = False
    hidden: tuple[str, ...] = ()

    @property
    def is_masked(self) -> bool:
        """Whether the public reads a letter instead of the name."""
        return self.local and not self.disclosed

    def printed(self, language: str) -> str:
        """What the public reads."""
        if not self.is_masked:
            return self.name
        return masked_as(self.letter)[0 if language == "zh" else 1]


def side_of(role: str) -> str:
    """claimant, respondent or other."""
    return "claimant" if role in _CLAIMANT else "respondent" if role in _RESPONDENT else "other"


def hidden_of(named: Iterable[Named]) -> Hidden:
    """What must not be printed."""
    return Hidden(name for n in named if n.is_masked for name in (n.name, *n.hidden))


def printed_parties(named: Sequence[Named]) -> list[dict[str, str]]:
    """The parties as content has them."""
    return [
        {"side": n.side, "role": n.role, **({"letter": n.letter} if n.is_masked else {"name": n.name})}
        for n in named
    ]


def say_sides(named: Sequence[Named], language: str) -> str:
    """One sentence that names the parties by role, in zh or en."""
    zh = language == "zh"
    parts = []
    for role, words in (*_CLAIMANT.items(), *_RESPONDENT.items()):
        people = list(dict.fromkeys(n.printed(language) for n in named if n.role == role))
        if people:
            shown = ("、" if zh else "; ").join(people[:_MANY])
            more = "" if len(people) <= _MANY else f"等{len(people)}方" if zh else f"; {len(people)} in all"
            parts.append(f"{words[0]}：{shown}{more}" if zh else f"{words[1]}: {shown}{more}")
    if not parts:
        people = [n.printed(language) for n in named[:_MANY]]
        parts = [f"当事人：{'、'.join(people)}" if zh else f"parties: {'; '.join(people)}"]
    text = ("；" if zh else "; ").join(parts)
    return f"{text}。" if zh else f"{text[0].upper()}{text[1:].removesuffix('.')}."
