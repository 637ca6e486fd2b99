"""How a centre prints what it signs: plain, or under the red head of an official document (红头) as well."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Permission
from core.centres import Centre
from core.clock import Clock
from core.errors import BadInput, StaleWrite
from core.said import said
from warning.bulletin_models import BulletinOffice

#: forms a document has
PLAIN, RED = "plain", "red"


@dataclass(frozen=True)
class Office:
    """A centre's forms. ``version`` is 0 before anybody chose."""

    has_red_head: bool
    mark: tuple[str, str]
    version: int = 0

    def form(self, asked: str) -> str:
        """The form of a public document, the centre's own unless ``asked``. Raises BadInput for one it has not."""
        if asked == RED and not self.has_red_head:
            raise BadInput(
                said("This centre prints no red head."), fix=said("Ask for the plain form instead.")
            )
        return asked or (RED if self.has_red_head else PLAIN)


def office_of(session: Session, centre: Centre) -> Office:
    """How ``centre`` prints."""
    row = session.get(BulletinOffice, centre.id)
    if row is None:
        return Office(False, (f"{centre.zh}文件", centre.en))
    return Office(row.has_red_head, (row.mark_zh, row.mark_en), row.version)


def choose_office(
    session: Session,
    clock: Clock,
    actor: Actor,
    *,
    has_red_head: bool,
    mark: tuple[str, str],
    seen_version: int,
) -> Office:
    """Set how the actor's centre prints.

    Args:
        mark: the issuing body's mark over the red line, (zh, en).
        seen_version: :attr:`Office.version` that the actor looked at.

    Raises NotAllowed, StaleWrite, BadInput naming ``mark_zh`` or ``mark_en``.
    """
    actor.require(Permission.BULLETIN_SIGN)
    centre_id = _centre_of(actor)
    row = session.get(BulletinOffice, centre_id, with_for_update=True)
    if (row.version if row else 0) != seen_version:
        raise StaleWrite(
            said("Somebody changed this while you were looking at it."),
            fix=said("Look at it again and decide anew; nothing was changed."),
            yours=seen_version,
            current=row.version if row else 0,
        )
    zh, en = (text.strip() for text in mark)
    missing = [name for name, text in (("mark_zh", zh), ("mark_en", en)) if not text]
    if missing:
        raise BadInput(
            said("The mark of the issuing body is missing."),
            fix=said("Write it in both languages."),
            fields={name: [said("Write it in both languages.")] for name in missing},
        )
    if row is None:
        row = BulletinOffice(centre_id=centre_id, version=0)
        session.add(row)
    row.has_red_head, row.mark_zh, row.mark_en = has_red_head, zh, en
    row.version, row.changed_by, row.changed_at = row.version + 1, actor.name, clock.now()
    audit.record(
        session,
        clock,
        actor,
        "bulletin.office",
        "centre",
        centre_id,
        values={"has_red_head": has_red_head, "mark": [zh, en]},
        centre_id=centre_id,
    )
    return Office(has_red_head, (zh, en), row.version)


def _centre_of(actor: Actor) -> uuid.UUID:
    if actor.centre_id is None:
        raise BadInput("A form of documents belongs to a centre, and this actor has none.")
    return actor.centre_id
