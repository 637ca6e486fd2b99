"""What a message says, before it has a language or a form: sentences that the catalogue knows, and plain facts.

A room that has something to tell builds a :class:`Letter`; it needs neither a template nor a mail server for it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from core.said import Said, said


@dataclass(frozen=True)
class Words:
    """A name that stands in both languages, such as an entry of the taxonomy; English where only one fits."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.en


#: what a fact may be: a sentence for the catalogue, words in both languages, or text as the source writes it
Text = Said | Words | str


@dataclass(frozen=True)
class Item:
    """One thing told.

    Attributes:
        heading: what happened, a sentence of ours.
        title: whose words it is about (a caption), as the source writes it.
        facts: (label, value) pairs.
        reasons: why the receiver is told.
        path: where on the site it stands, beginning with "/".
        subject_id: which subject of the message it tells.
    """

    heading: Said
    title: str
    facts: Sequence[tuple[Said, Text]]
    reasons: Sequence[Said]
    path: str
    link: Said
    subject_id: uuid.UUID | None = None
    #: further links: words, path
    links: Sequence[tuple[Said, str]] = ()
    #: what a machine gets of it
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Letter:
    """A message, ready to be rendered.

    Attributes:
        short: what an SMS says of it; the subject where none is told.
        short_path: the page an SMS links to; "" for none.
    """

    subject: Said
    opening: Said
    items: Sequence[Item]
    closing: Said
    short: Said | None = None
    short_path: str = "/alerts"


def gathered(letters: Sequence[Letter], day: date) -> Letter:
    """One letter that says what ``letters`` say; ``day`` is the centre's day on which it leaves."""
    items = tuple(item for letter in letters for item in letter.items)
    opening, closing = letters[0].opening, letters[0].closing
    for letter in letters[1:]:
        opening = said("Several things happened; each stands below, and on the site.")
        closing = said("%(notice)s (%(further)s)", notice=closing, further=letter.closing)
    subject = letters[0].subject
    if len(items) > 1:
        subject = said(
            "Seamark: %(count)s entries gathered until %(day)s", count=len(items), day=day.isoformat()
        )
    return Letter(subject, opening, items, closing)


#: builds the letter of a message's subjects for a firm (or an account); None when nothing may be told any more
Composer = Callable[[Session, uuid.UUID, Sequence[uuid.UUID]], Letter | None]
