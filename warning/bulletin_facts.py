"""What SQL knows of a case for one centre: which parties are its own firms, whose names a bulletin hides."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from cases.models import Case
from enterprises.models import Firm
from warning.bulletin_parties import Named, side_of
from warning.masking import Hidden, letter_of
from warning.models import PartyMatch


def named_parties(
    session: Session, centre_id: uuid.UUID, case: Case, before: Iterable[Mapping[str, Any]] = ()
) -> list[Named]:
    """The parties of ``case``, those that are or may be firms of the centre's city marked and lettered.

    Args:
        before: the bulletin's names so far: a letter once given and a disclosure once made stay.
    """
    firms = _local_firms(session, centre_id, case.id)
    hidden = {
        party: tuple(dict.fromkeys(name for firm in found for name in names_of_firm(firm)))
        for party, found in firms.items()
    }
    known = {str(row["party"]): row for row in before}
    letters = {row["firm"]: row["letter"] for row in known.values() if row.get("firm")}
    out: list[Named] = []
    for party in case.parties:
        found = firms.get(party.id, [])
        kept = known.get(str(party.id), {})
        one = Named(str(party.id), party.name, side_of(party.role), party.role)
        if found:
            firm = str(found[0].id)
            letter = letters.setdefault(firm, letter_of(len(set(letters.values()))))
            one = replace(
                one,
                local=True,
                firm=firm,
                letter=letter,
                disclosed=bool(kept.get("disclosed")),
                hidden=hidden[party.id],
            )
        out.append(one)
    return _with_namesakes(out, known, letters)


def _with_namesakes(
    named: list[Named], known: Mapping[str, Mapping[str, Any]], letters: dict[str, str]
) -> list[Named]:
    """A party whose name holds a hidden firm's is hidden with it: its American subsidiary tells who it is."""
    for firm in {n.firm for n in named if n.local}:
        theirs = [n for n in named if n.firm == firm]
        forms = Hidden(name for n in theirs for name in (n.name, *n.hidden))
        named = [
            n
            if n.local or forms.found_in(n.name) is None
            else replace(
                n,
                local=True,
                firm=firm,
                letter=letters[firm],
                disclosed=bool(known.get(n.party, {}).get("disclosed")),
                hidden=theirs[0].hidden,
            )
            for n in named
        ]
    return named


def _local_firms(session: Session, centre_id: uuid.UUID, case_id: uuid.UUID) -> dict[uuid.UUID, list[Firm]]:
    """party -> firms of the centre's city it is or may be, best first: a doubt hides too."""
    rows = session.execute(
        select(PartyMatch.party_id, Firm)
        .join(Firm, Firm.id == PartyMatch.firm_id)
        .where(PartyMatch.case_id == case_id, PartyMatch.centre_id == centre_id, Firm.is_local)
        .options(selectinload(Firm.names))
        .order_by(PartyMatch.score.desc(), Firm.id)
    )
    out: dict[uuid.UUID, list[Firm]] = {}
    for party_id, firm in rows:
        out.setdefault(party_id, []).append(firm)
    return out


def names_of_firm(firm: Firm) -> list[str]:
    """Every name a firm is known by."""
    return [name for name in (firm.name_zh, firm.name_en, *(n.name for n in firm.names)) if name]
