"""The names of one firm, kept by staff: added, retired, and told from names that are somebody else's.

Each change counts the firm's version up, is audited, and says ``firm.changed``, so that stored parties are compared anew.
"""

from __future__ import annotations

import unicodedata
import uuid
from datetime import date

from sqlalchemy.orm import Session

from cases.names import normalise
from core import audit
from core.actor import Actor, Permission
from core.clock import Clock
from core.errors import BadInput, NotFound
from core.outbox import emit
from core.said import said
from core.text import collapse
from enterprises.models import Firm, FirmName, NameKind, OtherFirm
from enterprises.service import get_firm

_LEGAL = (NameKind.LEGAL_ZH.value, NameKind.LEGAL_EN.value)


def add_name(
    session: Session,
    clock: Clock,
    actor: Actor,
    firm_id: uuid.UUID,
    name: str,
    kind: str,
    *,
    source: str = "",
    since: date | None = None,
) -> FirmName:
    """Give a firm one more name; a retired one of this kind is taken up again, with its new source and date.

    Args:
        kind: a :class:`enterprises.models.NameKind` value.
        source: who says so.
        since: the day from which it is known.

    Raises:
        NotAllowed: the actor may not write firms. NotFound: there is no such firm in their register.
        BadInput: the name says nothing, or stands in the register already.
    """
    firm = _firm(session, actor, firm_id)
    plain = clean_name(name)
    if not normalise(plain).core and not normalise(plain).zh:
        raise BadInput(
            said("A name needs more than signs and a legal form."),
            fix=said("Write the name as it is registered."),
        )
    kept = next((n for n in firm.names if (n.name, n.kind) == (plain, kind)), None)
    if kept is not None and kept.retired_on is None:
        raise BadInput(
            said("%(name)s is among the firm's names already.", name=plain),
            fix=said("Choose another kind or name."),
        )
    if kept is None:
        kept = FirmName(name=plain, kind=kind)
        firm.names.append(kept)
    kept.source, kept.since = source, since or kept.since
    kept.retired_on, kept.retired_because = None, ""
    # A name that was said to be somebody else's is the firm's after all.
    firm.others = [other for other in firm.others if other.name != plain]
    _changed(session, clock, actor, firm, "firm.name_added", {"name": plain, "kind": kind, "source": source})
    return kept


def retire_name(
    session: Session, clock: Clock, actor: Actor, firm_id: uuid.UUID, name_id: uuid.UUID, because: str
) -> FirmName:
    """Compare no new case with a name of the firm from today on; it stays in the register with the reason.

    Raises:
        NotAllowed, NotFound: as :func:`add_name`; also where the firm has no such name in use.
        BadInput: it is the firm's last legal name.
    """
    firm = _firm(session, actor, firm_id)
    name = next((n for n in firm.names if n.id == name_id and n.retired_on is None), None)
    if name is None:
        raise NotFound(said("The firm has no such name in use."))
    legal = [n for n in firm.names if n.kind in _LEGAL and n.retired_on is None]
    if legal == [name]:
        raise BadInput(
            said("A firm keeps at least one legal name."),
            fix=said("Add the new legal name first, then retire this one."),
        )
    name.retired_on, name.retired_because = clock.now().date(), collapse(because)
    _changed(session, clock, actor, firm, "firm.name_retired", {"name": name.name, "reason": because})
    return name


def note_other(
    session: Session, clock: Clock, actor: Actor, firm_id: uuid.UUID, name: str, source: str
) -> OtherFirm:
    """Write down that ``name`` is somebody else's: it is never matched with the firm again.

    Raises:
        NotAllowed, NotFound: as :func:`add_name`. BadInput: it is one of the firm's own names in use, or empty.
    """
    firm = _firm(session, actor, firm_id)
    plain = clean_name(name)
    if not plain or any(n.name == plain and n.retired_on is None for n in firm.names):
        raise BadInput(
            said("%(name)s is among the firm's names already.", name=plain),
            fix=said("Retire the name first."),
        )
    kept = next((other for other in firm.others if other.name == plain), None)
    if kept is None:
        kept = OtherFirm(name=plain, source=collapse(source), noted_at=clock.now())
        firm.others.append(kept)
        _changed(session, clock, actor, firm, "firm.other_noted", {"name": plain, "source": source})
    return kept


def withdraw_other(
    session: Session, clock: Clock, actor: Actor, firm_id: uuid.UUID, other_id: uuid.UUID
) -> None:
    """Let a name be matched with the firm again. Raises NotAllowed, NotFound."""
    firm = _firm(session, actor, firm_id)
    other = next((o for o in firm.others if o.id == other_id), None)
    if other is None:
        raise NotFound(said("No such name is noted as somebody else's."))
    firm.others.remove(other)
    _changed(session, clock, actor, firm, "firm.other_withdrawn", {"name": other.name})


def clean_name(name: str) -> str:
    """A name as the register keeps it: composed characters, printable ones, single spaces."""
    return collapse(unicodedata.normalize("NFC", "".join(c for c in name if c.isprintable() or c.isspace())))


def _firm(session: Session, actor: Actor, firm_id: uuid.UUID) -> Firm:
    actor.require(Permission.FIRM_WRITE)
    return get_firm(session, actor, firm_id)


def _head(firm: Firm) -> None:
    """Keep the names a firm is headed by among those in use."""
    used = {n.name: n.kind for n in firm.names if n.retired_on is None}
    zh = [name for name, kind in used.items() if kind == NameKind.LEGAL_ZH.value]
    en = [name for name, kind in used.items() if kind == NameKind.LEGAL_EN.value]
    if used.get(firm.name_zh) != NameKind.LEGAL_ZH.value:
        firm.name_zh = next(iter(zh or en), firm.name_zh)
    if used.get(firm.name_en) != NameKind.LEGAL_EN.value:
        firm.name_en = next(iter(en), "")


def _changed(
    session: Session, clock: Clock, actor: Actor, firm: Firm, act: str, values: dict[str, str]
) -> None:
    _head(firm)
    firm.version += 1
    firm.updated_at = clock.now()
    session.flush()
    audit.record(session, clock, actor, act, "firm", firm.id, values=values, centre_id=firm.centre_id)
    emit(session, "firm.changed", str(firm.id), {"created": False}, clock)
