"""What leads on from one consultation of firm alpha, in the states that the pages' tests need."""

from __future__ import annotations

import uuid

from core.clock import FixedClock
from experts.onward.mediation_models import Mediation
from experts.onward.models import JointTask, Referral
from tests.experts.matter import Matter
from tests.experts.onward.surroundings import Surroundings
from tests.web import studies
from tests.web.world import Site


def furnish(site: Site) -> Surroundings:
    """Put them into a world and their ids into its ids; time is as it was."""
    house = site.house
    assert isinstance(house.clock, FixedClock)
    now = house.clock.now()
    people = {"firm": site.actor("a"), "staff": site.actor("staff"), "expert": site.actor("expert")}
    around = Surroundings(house, Matter(house, people, uuid.UUID(site.ids["expert"])))
    site.ids["onward_matter"] = str(around.matter.id)
    site.ids["report_signed"] = str(around.report("signed"))
    task = around.task("asked")
    site.ids["joint_task"] = str(task)
    site.ids["joint_department"] = str(around.row(JointTask, task).departments[0].id)
    site.ids["referral_asked"] = str(around.referral("firm_asked", "customs"))
    sent = around.referral("sent", "customs")
    site.ids["referral_sent"] = str(sent)
    site.ids["referral_recipient"] = str(around.row(Referral, sent).recipients[0].id)
    mediation = around.mediation("in_session")
    site.ids["mediation"] = str(mediation)
    row = around.row(Mediation, mediation)
    site.ids["mediation_neutral"] = str(row.neutrals[0].id)
    site.ids["seat_other"], site.ids["seat_neutral"] = around.tokens["other"], around.tokens["neutral"]
    site.ids["seat_department"] = around.tokens["海关"]
    studies.furnish(site)
    house.clock.advance(now - house.clock.now())
    site.drain()
    return around
