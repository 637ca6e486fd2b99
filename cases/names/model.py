"""What is compared and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass

CONFIRM = 80
REVIEW = 50
#: the most that a match may score which a person must look at
CAP = 60


@dataclass(frozen=True, slots=True)
class FirmName:
    """A name of a firm: legal_zh, legal_en, pinyin, brand, former, subsidiary or shop.

    ``register`` is whose list the firm stands in: firms of one register are told apart from each other, the same firm
    in two registers is not.
    """

    firm_id: str
    name: str
    kind: str
    source: str = ""
    register: str = ""


@dataclass(frozen=True, slots=True)
class StopPair:
    """A firm, and the name of a party that a person said is somebody else."""

    firm_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Normalised:
    """A name taken apart.

    Attributes:
        exact: folded words, nothing taken away.
        core: Latin words that are left, in order.
        zh: Chinese characters that are left.
        places, trades: places named, in Chinese, and kinds of trade that tell firms of one core apart.
        key: as ``exact``, each legal form spelled one way.
        plain: Latin words and Chinese characters without the legal form, in order, place and trade kept.
        han: Chinese characters without the legal form.
        is_bare_of_names: whether the Latin core is only what was left when nothing but trade and place was named.
    """

    exact: str
    core: tuple[str, ...]
    zh: str
    places: frozenset[str] = frozenset()
    trades: frozenset[str] = frozenset()
    key: str = ""
    plain: str = ""
    han: str = ""
    is_bare_of_names: bool = False

    @property
    def joined(self) -> str:
        """The Latin core without spaces."""
        return "".join(self.core)


@dataclass(frozen=True, slots=True)
class Match:
    """A firm that a party is or may be. ``reason`` says which rule, with both compared forms."""

    firm_id: str
    score: int
    grade: str
    reason: str
    matched_name: str
