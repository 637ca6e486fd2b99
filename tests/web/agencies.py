"""Agencies in several states, for the tests that need them: applications, one listed with complaints and a review."""

from __future__ import annotations

from sqlalchemy import select

from core.actor import system_actor
from core.clock import FixedClock
from experts.agencies import complaints
from experts.agencies.models import AgencyListing
from experts.agencies.reviews import ask
from experts.resources.directory import bring_seed
from experts.resources.models import Institution
from tests.experts.agencies.affair import Affair, People
from tests.web.world import Site


def furnish(site: Site) -> People:
    """Put them into a world and their ids into its ids; time is as it was."""
    house, people = site.house, People.of(site.house)
    assert isinstance(house.clock, FixedClock)
    now = house.clock.now()
    states = (
        "listed", "approved", "draft", "submitted", "form_check", "verification", "scoring", "objection",
    )  # fmt: skip
    for number, state in enumerate(states):
        told = {"name_zh": f"示例事务所{number}", "registration": f"R{number}"}
        affair = Affair(people, **told).to(state)
        site.ids[f"agency_application_{state}"], site.ids[f"agency_token_{state}"] = (
            str(affair.id),
            affair.token,
        )
        if state == "listed":
            _listed(site, affair)
        if state == "approved":
            site.ids["agency_version_approved"] = str(affair.now.version)
        if state == "objection":
            site.ids["agency_objection"] = str(affair.now.objections[0].id)
        # Moved where a publicity must end, and set back before another one stands in public.
        house.clock.advance(now - house.clock.now())
    with house.database.write() as session:
        bring_seed(session, house.clock, system_actor("test", site.centre), site.centre)
    with house.database.read() as session:
        found = session.scalars(select(Institution.id).where(Institution.ref == "gacc")).one()
        site.ids["institution"] = str(found)
    site.drain()
    return people


def _listed(site: Site, affair: Affair) -> None:
    site.ids["agency_listed"] = str(affair.entry.id)
    made, fresh = affair.complain(), affair.complain()
    affair.on_complaint(made, complaints.take, "staff", "accept")
    site.ids["agency_complaint"], site.ids["agency_complaint_new"] = str(made), str(fresh)
    with site.house.database.write() as session:
        listing = session.get_one(AgencyListing, affair.entry.id)
        review = ask(session, site.house.clock, system_actor("test", site.centre), listing)
        site.ids["agency_review"] = str(review.id)
