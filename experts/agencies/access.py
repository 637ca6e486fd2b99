"""The private link by which an agency acts without an account. The link holds 256 bits; the store keeps their SHA-256."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Permission, Role
from core.clock import Clock as Time
from core.db import new_id
from core.errors import NotFound
from core.said import said
from core.secret_links import new_secret, sha256_of
from experts.agencies.models import AgencyAccess
from experts.library import get_entry
from experts.models import Agency


def agency_actor(access: AgencyAccess) -> Actor:
    """The actor whoever holds the link is: sees what is that agency's, and nothing else."""
    return Actor(f"agency:{access.id}", frozenset({Role.AGENCY}), centre_id=access.centre_id)


def new_access(session: Session, time: Time, centre_id: uuid.UUID) -> tuple[AgencyAccess, str]:
    """A link and its secret, which is shown once."""
    token = new_secret()
    access = AgencyAccess(
        id=new_id(), centre_id=centre_id, token_sha256=sha256_of(token), agency_id=None, made_at=time.now()
    )
    session.add(access)
    session.flush()
    return access, token


def by_token(session: Session, token: str) -> AgencyAccess:
    """The link of a secret. Raises NotFound."""
    found = session.scalar(select(AgencyAccess).where(AgencyAccess.token_sha256 == sha256_of(token)))
    if found is None:
        raise NotFound(said("This link leads to no agency."), fix=said("Use the whole link as given."))
    return found


def renew_link(session: Session, time: Time, actor: Actor, agency_id: uuid.UUID) -> str:
    """A new secret for a listed agency, for one that lost its link or came from a file; the old link ends.

    Raises NotFound, NotAllowed.
    """
    agency = get_entry(session, actor, Agency, agency_id)
    actor.require(Permission.AGENCY_HANDLE)
    access = session.scalar(select(AgencyAccess).where(AgencyAccess.agency_id == agency.id).with_for_update())
    if access is None:
        access, token = new_access(session, time, agency.centre_id)
        access.agency_id = agency.id
    else:
        token = new_secret()
        access.token_sha256, access.made_at = sha256_of(token), time.now()
    session.flush()
    audit.record(session, time, actor, "agency.link_renewed", "agency", agency.id, centre_id=agency.centre_id)
    return token
