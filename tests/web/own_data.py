"""Requests about people's own data, in the states that the pages' tests need."""

from __future__ import annotations

import uuid

from privacy import asking, deciding
from tests.web.world import Site


def furnish(site: Site) -> None:
    """A deletion that firm A's member asked for, and a hold on one of their consultations."""
    with site.house.database.write() as session:
        asked = asking.ask_deletion(session, site.house.clock, site.actor("a"), "不再使用")
        site.ids["privacy_request"] = str(asked.id)
        held = uuid.UUID(site.ids["matter"])
        hold = deciding.put_hold(
            session, site.house.clock, site.actor("staff"), "consultation", held, "诉讼保全"
        )
        site.ids["privacy_hold"] = str(hold.id)
