"""Who asks. A service takes an Actor, never a request; reads and writes are decided here and in the service."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from enum import StrEnum

from core.errors import NotAllowed


class Role(StrEnum):
    """What a person is to a centre. A person may hold several."""

    FIRM_MEMBER = "firm_member"
    STAFF = "staff"
    #: a member of staff who signs what the centre publishes; never what they drafted themselves
    SIGNER = "signer"
    EXPERT = "expert"
    #: somebody of a station (工作站), who acts for the firms it looks after
    STATION = "station"
    ADMIN = "admin"
    #: somebody who holds the private link of one application to the expert library; no account has this role
    APPLICANT = "applicant"
    #: whoever holds the private link of one agency or of its application; no account has this role
    AGENCY = "agency"
    #: whoever holds the private link of one department's seat in a joint task; no account has this role
    DEPARTMENT = "department"
    #: whoever holds the private link of the other side, or of a neutral, in a mediation; no account has these roles
    OTHER_SIDE = "other_side"
    NEUTRAL = "neutral"


#: roles that a private link gives
_BY_LINK = (Role.APPLICANT, Role.AGENCY, Role.DEPARTMENT, Role.OTHER_SIDE, Role.NEUTRAL)
#: the roles an account may have
ACCOUNT_ROLES = tuple(role for role in Role if role not in _BY_LINK)


class Permission(StrEnum):
    """What a route or a service needs. The table below says who holds it."""

    CASE_READ = "case.read"
    CANDIDATE_REVIEW = "candidate.review"
    PARTY_WRITE = "party.write"
    ALERT_READ = "alert.read"
    ALERT_DISPOSE = "alert.dispose"
    FIRM_READ = "firm.read"
    FIRM_WRITE = "firm.write"
    SOURCE_READ = "source.read"
    SOURCE_RUN = "source.run"
    JOB_READ = "job.read"
    EXPORT = "export"
    USER_WRITE = "user.write"
    AUDIT_READ = "audit.read"
    PROFILE_WRITE = "profile.write"
    DELIVERY_READ = "delivery.read"
    EXPERT_READ = "expert.read"
    EXPERT_WRITE = "expert.write"
    MATCH = "match"
    CONSULT_READ = "consultation.read"
    CONSULT_SUBMIT = "consultation.submit"
    CONSULT_HANDLE = "consultation.handle"
    CONSULT_ADVISE = "consultation.advise"
    OPINION_ISSUE = "opinion.issue"
    KNOWLEDGE_READ = "knowledge.read"
    KNOWLEDGE_REVIEW = "knowledge.review"
    BULLETIN_READ = "bulletin.read"
    BULLETIN_DRAFT = "bulletin.draft"
    BULLETIN_SIGN = "bulletin.sign"
    STATION_ACT = "station.act"
    LEVEL_SET = "level.set"
    SIGNAL_DECIDE = "signal.decide"
    DESK_WORK = "desk.work"
    EXPERT_APPLY = "expert.apply"
    APPOINT_HANDLE = "appointing.handle"
    APPOINT_SCORE = "appointing.score"
    APPOINT_SIGN = "appointing.sign"
    AGENCY_APPLY = "agency.apply"
    AGENCY_HANDLE = "agency.handle"
    AGENCY_SIGN = "agency.sign"
    AGENCY_COMPLAIN = "agency.complain"
    COMPLAINT_READ = "complaint.read"
    RESOURCE_READ = "resource.read"
    RESOURCE_WRITE = "resource.write"
    TAG_REVIEW = "tag.review"
    RULE_WRITE = "rule.write"
    ONWARD_READ = "onward.read"
    ONWARD_HANDLE = "onward.handle"
    ONWARD_SIGN = "onward.sign"
    ONWARD_AGREE = "onward.agree"
    JOINT_REPLY = "joint.reply"
    MEDIATION_READ = "mediation.read"
    MEDIATION_SIDE = "mediation.side"
    MEDIATION_DECIDE = "mediation.decide"
    STUDY_WRITE = "study.write"
    STUDY_SIGN = "study.sign"
    PRIVACY_ASK = "privacy.ask"
    PRIVACY_DECIDE = "privacy.decide"


#: permission -> roles that hold it; an empty set means everybody, visitors too
HOLDERS: dict[Permission, frozenset[Role]] = {
    Permission.CASE_READ: frozenset(),
    Permission.SOURCE_READ: frozenset(),
    Permission.CANDIDATE_REVIEW: frozenset({Role.STAFF}),
    Permission.PARTY_WRITE: frozenset({Role.STAFF}),
    Permission.ALERT_READ: frozenset({Role.FIRM_MEMBER, Role.STAFF}),
    Permission.ALERT_DISPOSE: frozenset({Role.FIRM_MEMBER}),
    Permission.FIRM_READ: frozenset({Role.FIRM_MEMBER, Role.STAFF}),
    Permission.FIRM_WRITE: frozenset({Role.STAFF}),
    Permission.SOURCE_RUN: frozenset({Role.STAFF}),
    Permission.JOB_READ: frozenset({Role.STAFF}),
    Permission.EXPORT: frozenset({Role.STAFF}),
    Permission.USER_WRITE: frozenset({Role.ADMIN}),
    Permission.AUDIT_READ: frozenset({Role.ADMIN}),
    Permission.PROFILE_WRITE: frozenset({Role.FIRM_MEMBER}),
    Permission.DELIVERY_READ: frozenset({Role.STAFF}),
    Permission.EXPERT_READ: frozenset(),
    Permission.EXPERT_WRITE: frozenset({Role.STAFF}),
    Permission.MATCH: frozenset({Role.STAFF}),
    Permission.CONSULT_READ: frozenset({Role.FIRM_MEMBER, Role.STAFF, Role.EXPERT}),
    Permission.CONSULT_SUBMIT: frozenset({Role.FIRM_MEMBER}),
    Permission.CONSULT_HANDLE: frozenset({Role.STAFF}),
    Permission.CONSULT_ADVISE: frozenset({Role.EXPERT}),
    Permission.OPINION_ISSUE: frozenset({Role.STAFF}),
    Permission.KNOWLEDGE_READ: frozenset(),
    Permission.KNOWLEDGE_REVIEW: frozenset({Role.STAFF}),
    Permission.BULLETIN_READ: frozenset(),
    Permission.BULLETIN_DRAFT: frozenset({Role.STAFF}),
    Permission.BULLETIN_SIGN: frozenset({Role.SIGNER}),
    Permission.STATION_ACT: frozenset({Role.STATION}),
    Permission.LEVEL_SET: frozenset({Role.STAFF}),
    Permission.SIGNAL_DECIDE: frozenset({Role.STAFF}),
    Permission.DESK_WORK: frozenset({Role.STAFF}),
    Permission.EXPERT_APPLY: frozenset({Role.APPLICANT}),
    Permission.APPOINT_HANDLE: frozenset({Role.STAFF}),
    Permission.APPOINT_SCORE: frozenset({Role.STAFF, Role.EXPERT}),
    Permission.APPOINT_SIGN: frozenset({Role.SIGNER}),
    Permission.AGENCY_APPLY: frozenset({Role.AGENCY}),
    Permission.AGENCY_HANDLE: frozenset({Role.STAFF}),
    Permission.AGENCY_SIGN: frozenset({Role.SIGNER}),
    Permission.AGENCY_COMPLAIN: frozenset({Role.FIRM_MEMBER}),
    Permission.COMPLAINT_READ: frozenset({Role.FIRM_MEMBER, Role.STAFF}),
    Permission.RESOURCE_READ: frozenset(),
    Permission.RESOURCE_WRITE: frozenset({Role.STAFF}),
    Permission.TAG_REVIEW: frozenset({Role.STAFF}),
    Permission.RULE_WRITE: frozenset({Role.STAFF}),
    Permission.ONWARD_READ: frozenset({Role.FIRM_MEMBER, Role.STAFF}),
    Permission.ONWARD_HANDLE: frozenset({Role.STAFF}),
    Permission.ONWARD_SIGN: frozenset({Role.SIGNER}),
    Permission.ONWARD_AGREE: frozenset({Role.FIRM_MEMBER}),
    Permission.JOINT_REPLY: frozenset({Role.DEPARTMENT}),
    Permission.MEDIATION_READ: frozenset({Role.FIRM_MEMBER, Role.STAFF, Role.EXPERT}),
    Permission.MEDIATION_SIDE: frozenset({Role.OTHER_SIDE}),
    Permission.MEDIATION_DECIDE: frozenset({Role.NEUTRAL}),
    Permission.STUDY_WRITE: frozenset({Role.STAFF}),
    Permission.STUDY_SIGN: frozenset({Role.SIGNER}),
    Permission.PRIVACY_ASK: frozenset(ACCOUNT_ROLES),
    Permission.PRIVACY_DECIDE: frozenset({Role.STAFF}),
}


@dataclass(frozen=True)
class Actor:
    """A person, a visitor or a named system job.

    Attributes:
        name: shown in the audit ("visitor", an account's user id, "job:crawl").
        roles: what the person is; empty for a visitor.
        centre_id: the centre whose private rows may be seen; None for a visitor.
        firm_id: the firm a firm member belongs to.
        expert_id: the entry of the expert library that is this person.
        station_id: the station somebody of a station belongs to.
        lent: what is done for the firm ``firm_id`` by whoever looks after it; given by the service that checked that.
        system: True for jobs and the command line, which may do everything in their centre.
    """

    name: str
    roles: frozenset[Role] = field(default_factory=frozenset)
    centre_id: uuid.UUID | None = None
    firm_id: uuid.UUID | None = None
    expert_id: uuid.UUID | None = None
    user_id: uuid.UUID | None = None
    system: bool = False
    station_id: uuid.UUID | None = None
    lent: frozenset[Permission] = field(default_factory=frozenset)

    def may(self, permission: Permission) -> bool:
        """Whether this actor holds ``permission``."""
        holders = HOLDERS[permission]
        return self.system or not holders or bool(self.roles & holders) or permission in self.lent

    def require(self, permission: Permission) -> None:
        """Raise NotAllowed unless this actor holds ``permission``."""
        if not self.may(permission):
            raise NotAllowed(
                f"{self.name} may not do this: it needs the permission {permission.value}.",
                fix="Sign in with an account that holds it, or ask an administrator.",
                permission=permission.value,
            )

    @property
    def is_staff(self) -> bool:
        """Whether the actor sees what staff of the centre see."""
        return self.system or Role.STAFF in self.roles

    @property
    def audiences(self) -> frozenset[str]:
        """The search audiences this actor belongs to: ``public``, ``staff``, ``firm:<id>``."""
        seen = {"public"}
        if self.is_staff:
            seen.add("staff")
        if self.firm_id is not None:
            seen.add(f"firm:{self.firm_id}")
        return frozenset(seen)


#: somebody who has not signed in
VISITOR = Actor(name="visitor")


def system_actor(name: str, centre_id: uuid.UUID | None = None) -> Actor:
    """The actor of a scheduled job or the command line, e.g. ``system_actor("job:crawl", centre_id)``."""
    return Actor(name=name, centre_id=centre_id, system=True)
