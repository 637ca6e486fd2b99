"""Files of a consultation: read by its people alone, gone when removed, and never handed out damaged."""

from __future__ import annotations

import os
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from core.audit import AuditRow
from core.errors import BadInput, NotAllowed, NotFound, TransitionRefused, VaultDamaged, VaultLocked
from core.vault import Vault
from experts import attachments
from experts.attachments import (
    add_file,
    files_of,
    label_file,
    read_file,
    remove_file,
    remove_files,
    sweep_vault,
)
from experts.consultation_models import Attachment, Consultation
from house import House
from tests.experts.files import EXE, PDF, TXT
from tests.experts.matter import Matter


@pytest.fixture
def matter(each_house: House) -> Matter:
    return Matter(each_house)


def _add(matter: Matter, who: str = "firm", name: str = "letter.pdf", content: bytes = PDF) -> Attachment:
    found: Attachment = matter.do(add_file, who, matter.house.vault, matter.id, name, content)
    return found


def _read(matter: Matter, who: str, file: uuid.UUID, vault: Vault | None = None) -> bytes:
    content: bytes = matter.do(read_file, who, vault or matter.house.vault, matter.id, file)[1]
    return content


def _on_disk(matter: Matter) -> list[Path]:
    return [p for p in (matter.house.settings.home / "vault").rglob("*") if p.is_file()]


def test_a_file_is_kept_encrypted_and_every_reading_is_written_down(matter: Matter) -> None:
    file = _add(matter, content=TXT, name="../函件.txt")
    assert (file.filename, file.kind, file.size, file.by_side) == ("函件.txt", "txt", len(TXT), "firm")
    (path,) = _on_disk(matter)
    assert TXT[:12] not in path.read_bytes()
    assert _read(matter, "firm", file.id) == TXT
    with matter.house.database.read() as session:
        assert (
            len(session.scalars(select(AuditRow).where(AuditRow.action == "consultation.file_read")).all())
            == 1
        )


def test_who_reads_a_file(matter: Matter) -> None:
    file = _add(matter)
    readers: dict[str, set[str]] = {}
    for state in ("draft", "submitted", "assigned", "declared", "closed"):
        matter.to(state)
        readers[state] = set()
        for who in matter.actors:
            try:
                _read(matter, who, file.id)
                readers[state].add(who)
            except NotFound:
                continue
    assert readers == {
        "draft": {"firm"},
        "submitted": {"firm", "staff"},
        "assigned": {"firm", "staff"},
        "declared": {"firm", "staff", "expert"},
        "closed": {"firm", "staff", "expert"},
    }


def test_an_expert_lists_no_file_before_declaring(matter: Matter) -> None:
    _add(matter)
    matter.to("assigned")
    with matter.house.database.read() as session:
        row = session.get_one(Consultation, matter.id)
        assert files_of(session, matter.actors["expert"], row) == []
        assert len(files_of(session, matter.actors["staff"], row)) == 1


def test_a_file_of_one_matter_is_not_read_through_another(matter: Matter) -> None:
    file = _add(matter)
    other = Matter.__new__(Matter)
    other.house, other.actors = matter.house, matter.actors
    from experts.consultations import begin_draft
    from tests.experts.matter import ANSWERS

    other.id = matter.do(begin_draft, "firm_b", ANSWERS).id
    for who in ("firm", "firm_b"):
        with pytest.raises(NotFound):
            _read(other, who, file.id)


def test_what_is_not_taken_leaves_nothing_behind(matter: Matter) -> None:
    with pytest.raises(BadInput):
        _add(matter, content=EXE)
    assert _on_disk(matter) == []


def test_a_transaction_that_fails_leaves_no_bytes(matter: Matter) -> None:
    with pytest.raises(RuntimeError), matter.house.database.write() as session:
        add_file(
            session, matter.house.clock, matter.actors["firm"], matter.house.vault, matter.id, "a.pdf", PDF
        )
        raise RuntimeError("later in the same transaction")
    assert _on_disk(matter) == []


def test_number_and_size_are_bounded(matter: Matter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MAX_FILES", 2)
    _add(matter)
    _add(matter)
    with pytest.raises(BadInput, match="too many"):
        _add(matter)
    monkeypatch.setattr(attachments, "MAX_FILES", 9)
    monkeypatch.setattr(attachments, "MAX_TOTAL", len(PDF) * 2)
    with pytest.raises(BadInput, match="too many"):
        _add(matter)
    assert len(_on_disk(matter)) == 2


def test_removing_takes_the_bytes_and_only_from_a_draft(matter: Matter) -> None:
    file, kept = _add(matter), _add(matter)
    matter.do(remove_file, "firm", matter.house.vault, matter.id, file.id)
    assert [path.name for path in _on_disk(matter)] == [str(kept.id)]
    matter.to("submitted")
    with pytest.raises(TransitionRefused):
        matter.do(remove_file, "firm", matter.house.vault, matter.id, kept.id)
    assert _read(matter, "staff", kept.id) == PDF


def test_a_removal_that_is_rolled_back_keeps_the_bytes(matter: Matter) -> None:
    file = _add(matter)
    with pytest.raises(RuntimeError), matter.house.database.write() as session:
        remove_file(
            session, matter.house.clock, matter.actors["firm"], matter.house.vault, matter.id, file.id
        )
        raise RuntimeError("later in the same transaction")
    assert _read(matter, "firm", file.id) == PDF


def test_a_discarded_draft_takes_its_files_along(matter: Matter) -> None:
    from experts.consultations import discard_draft

    _add(matter)

    def discard(session: Any, clock: Any, actor: Any) -> None:
        remove_files(session, actor, matter.house.vault, matter.id)
        discard_draft(session, clock, actor, matter.id)

    matter.do(discard, "firm")
    assert _on_disk(matter) == []
    with matter.house.database.read() as session:
        assert session.get(Consultation, matter.id) is None


def test_another_key_and_changed_bytes_are_told_apart(matter: Matter) -> None:
    file = _add(matter)
    with pytest.raises(VaultLocked, match="SEAMARK_CENTRE_KEY"):
        _read(matter, "firm", file.id, Vault(matter.house.vault.root, [b"k" * 32]))
    (path,) = _on_disk(matter)
    raw = bytearray(path.read_bytes())
    raw[-5] ^= 1
    path.write_bytes(raw)
    with pytest.raises(VaultDamaged):
        _read(matter, "firm", file.id)


def test_bytes_without_a_row_are_swept_once_they_are_old(matter: Matter) -> None:
    file = _add(matter)
    lost = uuid.uuid4()
    matter.house.vault.put(file.centre_id, lost, b"left by a process that died")

    def sweep() -> int:
        with matter.house.database.read() as session:
            return sweep_vault(session, matter.house.vault)

    assert sweep() == 0
    old = time.time() - 7_200
    for path in _on_disk(matter):
        os.utime(path, (old, old))
    assert sweep() == 1
    assert [path.name for path in _on_disk(matter)] == [str(file.id)]


def test_a_file_for_the_centre_alone_is_not_the_experts(matter: Matter) -> None:
    vault = matter.house.vault
    kept = matter.do(add_file, "firm", vault, matter.id, "a.pdf", PDF, secrecy="sensitive", for_expert=False)
    with pytest.raises(BadInput):
        matter.do(add_file, "firm", vault, matter.id, "b.pdf", PDF, secrecy="secret")
    matter.to("guiding")
    assert _read(matter, "staff", kept.id) == PDF
    with pytest.raises(NotFound):
        _read(matter, "expert", kept.id)
    with matter.house.database.read() as session:
        row = session.get_one(Consultation, matter.id)
        assert files_of(session, matter.actors["expert"], row) == []
        assert [f.id for f in files_of(session, matter.actors["firm"], row)] == [kept.id]
    with pytest.raises(NotAllowed):
        matter.do(label_file, "expert", matter.id, kept.id, secrecy="public", for_expert=True)
    with pytest.raises(NotFound):
        matter.do(label_file, "firm_b", matter.id, kept.id, secrecy="public", for_expert=True)
    matter.do(label_file, "firm", matter.id, kept.id, secrecy="internal", for_expert=True)
    assert _read(matter, "expert", kept.id) == PDF
