"""The package of a signed report: JSON, DOCX, the files that go with it, and a manifest of their SHA-256.

The manifest is what ``sha256sum`` writes, so that anybody verifies it with ``sha256sum -c manifest.sha256``; ``seamark
escalation verify`` does the same without unpacking. The same report gives the same bytes whenever it is taken out.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import uuid
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import ChoiceLoader, FileSystemLoader
from jinja2.sandbox import ImmutableSandboxedEnvironment
from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.models import Case
from cases.taxonomy import load_taxonomy
from core.actor import Actor, Permission
from core.centres import Centre
from core.clock import Clock as Time
from core.db import new_id
from core.errors import BadInput, EvidenceDamaged, NotFound, VaultDamaged
from core.paper_docx import docx_of
from core.said import said
from core.vault import Vault
from enterprises.models import Firm
from experts.consultation_models import Attachment, Consultation
from experts.onward.abroad import require_caution
from experts.onward.consent import UPWARD, latest
from experts.onward.models import Escalation
from experts.onward.moving import get_affair, written

SCHEMA = "seamark-escalation/1"
MANIFEST = "manifest.sha256"
_ROOT = Path(__file__).parents[2] / "templates"
#: a zip's earliest day: a package says when it was signed in its content, not in its members
_ALWAYS = (1980, 1, 1, 0, 0, 0)
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")
_KIND_ZH = {"major": "重大", "difficult": "疑难", "situation": "态势", "special": "专报"}
_SECRECY_ZH = {"public": "公开", "internal": "内部", "sensitive": "敏感"}
#: bytes a package unpacks to at most when it is verified
_MOST = 200_000_000


@dataclass(frozen=True)
class Signed:
    """What was fixed by a signature."""

    content: str
    docx: bytes
    manifest: str


def content_of(session: Session, report: Escalation, files: Sequence[Attachment]) -> dict[str, Any]:
    """What is signed. No name, telephone or address of a person is part of it."""
    centre, taxonomy = session.get_one(Centre, report.centre_id), load_taxonomy()
    firm = session.get(Firm, report.firm_id) if report.firm_id else None
    matter = session.get(Consultation, report.consultation_id) if report.consultation_id else None
    case = session.get(Case, report.case_id) if report.case_id else None
    consent = latest(session, matter.id, UPWARD) if matter else None
    region = matter.region if matter else ""
    venue = (matter.venue if matter else "") or (case.venue if case else "")
    return {
        "schema": SCHEMA,
        "number": report.number,
        "kind": report.kind,
        "kind_zh": _KIND_ZH[report.kind],
        "secrecy": report.secrecy,
        "secrecy_zh": _SECRECY_ZH[report.secrecy],
        "centre": centre.zh,
        "signed_at": report.signed_at.isoformat() if report.signed_at else "",
        "firm": {"name": firm.name_zh, "industries": sorted(firm.industries)} if firm else None,
        "consultation": matter.number if matter else None,
        "case": {
            "region": region,
            "region_zh": taxonomy.label(region, "zh") if region else "",
            "venue": venue,
            "venue_zh": taxonomy.label(venue, "zh") if venue else "",
            "docket_number": (matter.docket_number if matter else "") or (case.docket_number if case else ""),
            "scenario": matter.scenario if matter else "",
            "opponents": list(matter.opponents) if matter else [],
            "known_on": matter.known_on.isoformat() if matter and matter.known_on else "",
        },
        "facts": report.facts,
        "impact": report.impact,
        "measures": report.measures,
        "asked": report.asked,
        "consent": {"at": consent.at.isoformat(), "notice": consent.notice} if consent else None,
        "files": [
            {"path": path, "size": file.size, "secrecy": file.secrecy, "sha256": file.sha256}
            for path, file in _named(files)
        ],
    }


def _named(files: Iterable[Attachment]) -> list[tuple[str, Attachment]]:
    ordered = sorted(files, key=lambda file: file.id)
    return [(f"files/{n:02d}-{file.filename}", file) for n, file in enumerate(ordered, start=1)]


def seal_report(
    session: Session, vault: Vault, report: Escalation, files: Sequence[Attachment], own: Path
) -> Signed:
    """Fix what is signed: the content as JSON, the DOCX in the vault, the manifest of all."""
    told = content_of(session, report, files)
    content = json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    zone = ZoneInfo(session.get_one(Centre, report.centre_id).zone)
    docx = _steady(docx_of(paper_of(told, report, zone, own)))
    hashes = {"report.json": _sha256(content.encode()), "report.docx": _sha256(docx)}
    hashes |= {entry["path"]: entry["sha256"] for entry in told["files"]}
    manifest = "".join(f"{sha256}  {path}\n" for path, sha256 in hashes.items())
    file_id, centre_id = new_id(), report.centre_id
    vault.keep(session, centre_id, file_id, docx)
    report.docx_id, report.content, report.manifest = file_id, content, manifest
    session.flush()
    return Signed(content, docx, manifest)


def paper_of(told: dict[str, Any], report: Escalation, zone: ZoneInfo, own: Path) -> str:
    """The report as HTML, in the frame of the centre's documents; a file of the same name in ``own`` replaces ours."""
    sandbox = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader(
            [
                FileSystemLoader(own),
                FileSystemLoader([_ROOT / "onward/papers", _ROOT / "consultations/papers"]),
            ]
        ),
        autoescape=True,
    )
    assert report.signed_at is not None
    signed = report.signed_at.astimezone(zone)
    texts = {name: _lines(told[name]) for name in ("facts", "impact", "measures", "asked")}
    values = {
        **told, **texts, "title": "海外知识产权纠纷情况报送", "title_en": "Report on an overseas IP dispute",
        "made_at": report.signed_at.isoformat(), "day": f"{signed.year}年{signed.month}月{signed.day}日",
    }  # fmt: skip
    return sandbox.get_template("escalation.html").render(values)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _steady(docx: bytes) -> bytes:
    """A DOCX without the hour it was zipped at."""
    with zipfile.ZipFile(io.BytesIO(docx)) as before:
        return _zipped((name, before.read(name)) for name in before.namelist())


def _zipped(members: Iterable[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            entry = zipfile.ZipInfo(name, _ALWAYS)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, content)
    return out.getvalue()


def take_out(
    session: Session,
    time: Time,
    actor: Actor,
    vault: Vault,
    report_id: uuid.UUID,
    *,
    recipient: str = "",
    region: str = "CN",
) -> tuple[str, bytes]:
    """The package of a signed report as (file name, zip); that it was taken, and for whom, is audited.

    Args:
        recipient, region: who is to have it; beyond the mainland the caution must have been acknowledged for them.

    Raises:
        NotFound: there is no such report for this actor, or it is not signed.
        NotAllowed: the actor is not of the staff.
        BadInput: the caution comes first.
        EvidenceDamaged, VaultDamaged: a file is no longer what was signed.
    """
    report = get_affair(session, actor, Escalation, report_id)
    actor.require(Permission.ONWARD_HANDLE)
    if report.docx_id is None:
        raise NotFound(said("It is not signed yet, so there is no package."))
    require_caution(session, "escalation", report.id, recipient, region)
    content = report.content.encode()
    members = [("report.json", content), ("report.docx", vault.get(report.centre_id, report.docx_id))]
    chosen = [uuid.UUID(one) for one in report.files]
    files = session.scalars(select(Attachment).where(Attachment.id.in_(chosen))).all()
    members += [(path, vault.get(file.centre_id, file.id)) for path, file in _named(files)]
    listed = _read_manifest(report.manifest)
    if {name: _sha256(data) for name, data in members} != listed:
        raise EvidenceDamaged(
            f"The report {report.number} is no longer what was signed.",
            fix="Restore its files from a backup.",
        )
    members.append((MANIFEST, report.manifest.encode()))
    written(session, time, actor, report, "taken_out", {"recipient": recipient, "region": region})
    return f"{report.number.replace('报送', 'escalation')}.zip", _zipped(members)


def _read_manifest(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in text.splitlines():
        if (match := _LINE.fullmatch(line)) is None or match.group(2) in found:
            raise VaultDamaged("The manifest is not what sha256sum writes.", fix="Ask for the package again.")
        found[match.group(2)] = match.group(1)
    return found


@dataclass(frozen=True)
class Verified:
    """A package whose files are what its manifest says."""

    number: str
    signed_at: str
    files: int
    #: SHA-256 of the manifest itself, to compare by telephone
    manifest_sha256: str


def verify_package(content: bytes) -> Verified:
    """Hold every file of a package to its manifest.

    Raises:
        BadInput: it is no package of ours.
        EvidenceDamaged: a file is missing, one too many, or not what the manifest says; the message names it.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(info.file_size for info in archive.infolist()) > _MOST:
                raise BadInput("The package unpacks to too much.", fix="Ask whoever sent it.")
            members = {name: archive.read(name) for name in archive.namelist()}
        manifest = members.pop(MANIFEST)
        told = json.loads(members["report.json"])
        number, signed_at = str(told["number"]), str(told["signed_at"])
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, NotImplementedError, RuntimeError) as error:
        raise BadInput("This is no package of a report.", fix="Give the whole zip as it was sent.") from error
    listed = _read_manifest(manifest.decode("utf-8", "replace"))
    for name in sorted(set(listed) | set(members)):
        if name not in members or name not in listed or _sha256(members[name]) != listed[name]:
            raise EvidenceDamaged(f"{name} is not what the manifest says.", fix="Ask for the package again.")
    return Verified(number, signed_at, len(members), _sha256(manifest))
