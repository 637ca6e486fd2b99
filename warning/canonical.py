"""A stable dump of firms, matches and alerts, for comparing two stores."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.canonical import case_key
from cases.models import Case, Party
from enterprises.models import Firm, FirmName
from warning.models import Alert, PartyMatch


def canonical_warnings(session: Session) -> Iterator[dict[str, Any]]:
    """Every firm, match and alert by natural keys, sorted within each kind."""
    for firm in session.scalars(select(Firm).order_by(Firm.ref)):
        names = session.execute(select(FirmName.kind, FirmName.name).where(FirmName.firm_id == firm.id)).all()
        yield {
            "kind": "firm",
            "ref": firm.ref,
            "names": sorted(map(list, names)),
            "industries": firm.industries,
        }
    matches = session.execute(
        select(PartyMatch, Party, Case, Firm)
        .join(Party, Party.id == PartyMatch.party_id)
        .join(Case, Case.id == PartyMatch.case_id)
        .join(Firm, Firm.id == PartyMatch.firm_id)
    )
    yield from sorted(
        (
            {
                "kind": "match",
                "case": case_key(case),
                "party": party.name,
                "role": party.role,
                "firm": firm.ref,
                "score": match.score,
                "grade": match.grade,
                "name": match.matched_name,
            }
            for match, party, case, firm in matches
        ),
        key=lambda row: tuple(map(str, row.values())),
    )
    alerts = session.execute(
        select(Alert, Case, Firm).join(Case, Case.id == Alert.case_id).join(Firm, Firm.id == Alert.firm_id)
    )
    yield from sorted(
        (
            {
                "kind": "alert",
                "case": case_key(case),
                "firm": firm.ref,
                "trigger": alert.trigger,
                "reasons": alert.reasons,
            }
            for alert, case, firm in alerts
        ),
        # Several profiles of one firm may find one case.
        key=lambda row: (row["case"], row["firm"], row["trigger"], str(row["reasons"])),
    )
