"""Case studies of consultations of firm alpha, in the states that the pages' tests need."""

from __future__ import annotations

import uuid

from core.actor import Actor, Role
from experts import consenting
from experts.consents import Purpose
from experts.studies import publishing, writing
from experts.studies.models import CaseStudy
from experts.studies.workflow import CHECKLIST, SECTIONS
from tests.experts.matter import Matter
from tests.web.world import Site

TEXTS = {name: f"{name}：某企业及时答辩，双方和解。" for name in SECTIONS}


def furnish(site: Site) -> None:
    """A closed matter that may be told, one whose case study waits for another person, one that is public."""
    people = {"firm": site.actor("a"), "staff": site.actor("staff"), "expert": site.actor("expert")}
    people["signer"] = Actor("user:signer", frozenset({Role.STAFF, Role.SIGNER}), people["staff"].centre_id)
    for name in ("study_matter", "study_review", "study_public"):
        matter = Matter(site.house, people, uuid.UUID(site.ids["expert"])).to("closed")
        matter.do(consenting.decide, "firm", matter.id, Purpose.CASE, given=True)
        site.ids[f"{name}_told"] = str(matter.id)
        if name == "study_matter":
            site.ids[name] = str(matter.id)
            continue
        study = matter.do(writing.begin, "staff", matter.id).id
        site.ids[name] = str(study)
        told = {"title": "某无人机企业应对美国专利诉讼", "texts": TEXTS, "checked": list(CHECKLIST)}
        for service, who, more in (
            (writing.write, "staff", told),
            (writing.hand_in, "staff", {}),
            (publishing.publish, "signer", {}),
        ):
            if name == "study_public" or service is not publishing.publish:
                with site.house.database.read() as session:
                    seen = session.get_one(CaseStudy, study).version
                matter.do(service, who, study, **more, seen_version=seen)
