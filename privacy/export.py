"""A copy of one's data to take along (个人信息保护法 art. 45): JSON for machines, a page for people, the files one sent."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.errors import SeamarkError
from core.vault import Vault
from experts.consultation_models import Attachment
from privacy.own import Held, Reading
from privacy.subjects import Person


def told(held: Sequence[Held], readings: Sequence[Reading], at: datetime) -> dict[str, Any]:
    """The whole as JSON would have it."""
    return {
        "at": at.isoformat(),
        "sections": [
            {
                "table": one.section.table,
                "what": {"zh": one.section.zh, "en": one.section.en},
                "why": {"zh": one.section.why, "en": one.section.why_en},
                "from": {"zh": one.section.source, "en": one.section.source_en},
                "kept": {"years": one.section.kept.years, "basis": one.section.kept.basis},
                "rows": [dict(row) for row in one.rows],
            }
            for one in held
        ],
        "read_by_others": [
            {"at": r.at.isoformat(), "by": r.side, "act": r.action, "record": r.subject, "reason": r.reason}
            for r in readings
        ],
    }


def pack(session: Session, vault: Vault, person: Person, data: dict[str, Any], page: str) -> bytes:
    """The ZIP: ``data.json``, ``index.html`` and the files the person sent; one that does not open is named instead."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(data, ensure_ascii=False, indent=1, default=_plain))
        archive.writestr("index.html", page)
        mine = or_(Attachment.by == person.actor)
        for n, row in enumerate(session.scalars(select(Attachment).where(mine).order_by(Attachment.id)), 1):
            name = f"files/{n:02d}-{row.filename}"
            try:
                archive.writestr(name, vault.get(row.centre_id, row.id))
            except SeamarkError as error:
                archive.writestr(f"{name}.missing.txt", str(error))
    return out.getvalue()


def _plain(value: Any) -> Any:
    return (
        str(value)
        if isinstance(value, uuid.UUID)
        else value.isoformat()
        if hasattr(value, "isoformat")
        else str(value)
    )
