"""Reports upward: consent, another person's eyes, a signature that fixes every byte, and a package anybody can verify."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest
from click.testing import CliRunner

from cli import main
from core.errors import BadInput, EvidenceDamaged, NotAllowed, NotFound, TransitionRefused
from experts import consenting, consents
from experts.consents import Purpose
from experts.onward import escalations
from experts.onward.models import Escalation
from experts.onward.moving import history_of
from experts.onward.package import take_out, verify_package
from house import House
from tests import factories
from tests.experts.onward.surroundings import CHECKED, PDF, Surroundings


@pytest.fixture
def around(house: House) -> Surroundings:
    return Surroundings(house)


def package(around: Surroundings, report: Any, **named: Any) -> bytes:
    return bytes(around.do(take_out, "writer", around.house.vault, report, **named)[1])


def test_nothing_is_handed_in_before_the_firm_agreed(around: Surroundings) -> None:
    report = around.report()
    around.write_report(report)
    with pytest.raises(BadInput, match="has not agreed"):
        around.step_report(report, "hand_in", "writer")
    around.agree_upward()
    around.step_report(report, "hand_in", "writer")
    assert around.row(Escalation, report).state == "secrecy_check"


def test_whoever_wrote_a_word_neither_checks_nor_signs(around: Surroundings) -> None:
    report = around.report("secrecy_check")
    with pytest.raises(BadInput, match="another person"):
        around.step_report(report, "pass_check", "writer", checked=CHECKED)
    around.step_report(report, "return", "checker", words="请补充金额。")
    around.write_report(report, "signer")
    around.step_report(report, "hand_in", "writer")
    with pytest.raises(BadInput, match="Confirm every point"):
        around.step_report(report, "pass_check", "checker", checked=CHECKED[1:])
    around.step_report(report, "pass_check", "checker", checked=CHECKED)
    with pytest.raises(BadInput, match="another person"):
        around.sign(report, "signer")
    with pytest.raises(NotAllowed):
        around.sign(report, "checker")
    around.sign(report, "other_signer")
    row = around.row(Escalation, report)
    assert (row.state, row.checked_by) == ("signed", around.actors["checker"].name)


@pytest.mark.parametrize("state", ["prepared", "secrecy_check", "approved", "signed"])
def test_a_consent_taken_back_drops_what_was_not_sent(around: Surroundings, state: str) -> None:
    report = around.report(state)
    if state == "prepared":
        around.agree_upward()
    around.agree_upward(False)
    dropped = around.do(escalations.consent_was_withdrawn, "firm", around.matter.id)
    assert dropped == 1 and around.row(Escalation, report).state == "dropped"


def test_a_consent_taken_back_stops_signature_and_sending_even_before_anybody_drops_it(
    around: Surroundings,
) -> None:
    approved = around.report("approved")
    around.agree_upward(False)
    with pytest.raises(BadInput, match="has not agreed"):
        around.sign(approved)
    around.agree_upward()
    around.sign(approved)
    around.agree_upward(False)
    with pytest.raises(BadInput, match="has not agreed"):
        around.step_report(approved, "record_sending", "writer", channel="机要")


def test_what_was_sent_stays_sent(around: Surroundings) -> None:
    report = around.report("sent")
    around.agree_upward(False)
    assert around.do(escalations.consent_was_withdrawn, "firm", around.matter.id) == 0
    assert around.row(Escalation, report).state == "sent"


def test_another_house_may_keep_the_consents(around: Surroundings) -> None:
    report = around.report()
    around.write_report(report)
    around.step_report(report, "hand_in", "writer", consent_given=lambda *_: True)
    assert around.row(Escalation, report).state == "secrecy_check"


def test_only_the_firm_decides_and_each_decision_is_kept(around: Surroundings) -> None:
    for who in ("writer", "expert"):
        with pytest.raises((NotAllowed, NotFound)):
            around.do(consenting.decide, who, around.matter.id, Purpose.UPWARD, given=True)
    with pytest.raises(NotFound):
        around.do(consenting.decide, "firm_b", around.matter.id, Purpose.UPWARD, given=True)
    around.agree_upward()
    around.agree_upward()
    around.agree_upward(False)
    with around.house.database.read() as session:
        rows = consents.history(session, around.matter.id)[::-1]
    assert [(row.purpose, row.is_given) for row in rows] == [
        ("expert", True), ("upward", True), ("upward", False),
    ]  # fmt: skip


def test_a_file_more_secret_than_the_report_is_refused(around: Surroundings) -> None:
    report = around.report()
    around.agree_upward()
    around.on(
        Escalation, report, escalations.write_report, "writer", report, {"facts": "甲", "impact": "乙", "asked": "丙"},
        kind="major", secrecy="public", files=[str(around.file)],
    )  # fmt: skip
    with pytest.raises(BadInput, match="higher secrecy label"):
        around.step_report(report, "hand_in", "writer")


def test_a_report_on_a_public_case_names_no_firm(around: Surroundings) -> None:
    case = factories.record(around.house, factories.raw_case()).case_id
    report = around.do(escalations.begin_from_case, "writer", case).id
    words = {"facts": "海岚无人机科技股份有限公司被诉。", "impact": "乙", "asked": "丙"}
    told = {"kind": "situation", "secrecy": "public", "files": []}
    around.on(Escalation, report, escalations.write_report, "writer", report, words, **told)
    with pytest.raises(BadInput, match="names a firm"):
        around.step_report(report, "hand_in", "writer")
    words["facts"] = "某无人机企业被诉。"
    around.on(Escalation, report, escalations.write_report, "writer", report, words, **told)
    around.step_report(report, "hand_in", "writer")
    assert around.row(Escalation, report).firm_id is None


def test_the_package_says_what_was_signed_and_names_no_person(around: Surroundings) -> None:
    report = around.report("signed")
    with zipfile.ZipFile(io.BytesIO(package(around, report))) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    assert sorted(members) == ["files/01-起诉状.pdf", "manifest.sha256", "report.docx", "report.json"]
    told = json.loads(members["report.json"])
    assert told["schema"] == "seamark-escalation/1" and told["firm"]["name"] == "海岚无人机科技股份有限公司"
    assert told["case"]["docket_number"] == "2:26-cv-00011" and told["consent"]
    assert members["files/01-起诉状.pdf"] == PDF
    document = docx.Document(io.BytesIO(members["report.docx"]))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    words = "\n".join([*(p.text for p in document.paragraphs), *cells])
    assert "请协调提供同类案件信息。" in words and hashlib.sha256(PDF).hexdigest() in words
    for secret in ("李工", "13800000000", "writer@", "signer@"):
        assert secret not in words and secret not in members["report.json"].decode()


def test_the_same_report_gives_the_same_bytes(around: Surroundings) -> None:
    report = around.report("signed")
    first = package(around, report)
    around.step_report(report, "record_sending", "writer", channel="机要")
    assert package(around, report) == first


def test_sha256sum_itself_verifies_the_manifest(around: Surroundings, tmp_path: Path) -> None:
    if shutil.which("sha256sum") is None:
        pytest.skip("sha256sum is missing")
    with zipfile.ZipFile(io.BytesIO(package(around, around.report("signed")))) as archive:
        archive.extractall(tmp_path)
    run = subprocess.run(
        ["sha256sum", "-c", "manifest.sha256"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.count("OK") == 3


def rezipped(content: bytes, change: str, data: bytes | None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            if name != change:
                after.writestr(name, before.read(name))
        if data is not None:
            after.writestr(change, data)
    return out.getvalue()


def test_the_command_finds_every_tampering(around: Surroundings, tmp_path: Path) -> None:
    good = package(around, around.report("signed"))
    assert verify_package(good).files == 3
    path = tmp_path / "package.zip"
    path.write_bytes(good)
    run = CliRunner().invoke(main, ["escalation", "verify", str(path)])
    assert run.exit_code == 0 and json.loads(run.output)["verified"]
    changes: list[tuple[str, bytes | None]] = [
        ("files/01-起诉状.pdf", PDF + b" "), ("report.docx", b""), ("files/01-起诉状.pdf", None), ("files/02.pdf", PDF),
    ]  # fmt: skip
    for name, data in changes:
        path.write_bytes(rezipped(good, name, data))
        with pytest.raises(EvidenceDamaged, match=name.replace("/", ".")):
            verify_package(path.read_bytes())
        assert CliRunner().invoke(main, ["escalation", "verify", str(path)]).exit_code == 1
    path.write_bytes(b"no zip")
    assert CliRunner().invoke(main, ["escalation", "verify", str(path)]).exit_code == 2


def test_what_was_signed_is_never_written_again(around: Surroundings) -> None:
    report = around.report("signed")
    with pytest.raises(TransitionRefused):
        around.write_report(report)
    with (
        pytest.raises(TransitionRefused, match="cannot be changed"),
        around.house.database.write() as session,
    ):
        session.get_one(Escalation, report).facts = "另一个说法"


def test_a_file_that_changed_in_the_vault_stops_the_package(around: Surroundings) -> None:
    report = around.report("signed")
    row = around.row(Escalation, report)
    around.house.vault.remove(around.centre, row.docx_id)
    around.house.vault.put(around.centre, row.docx_id, b"another")
    with pytest.raises(EvidenceDamaged):
        package(around, report)


def test_the_sweep_of_the_vault_keeps_signed_reports(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from experts import attachments

    report = around.report("signed")
    monkeypatch.setattr(attachments, "_YOUNG_SECONDS", -1)
    with around.house.database.write() as session:
        attachments.sweep_vault(session, around.house.vault)
    assert package(around, report)


def test_who_may_take_a_package_out(around: Surroundings) -> None:
    report = around.report("signed")
    for who in ("firm", "firm_b", "expert", "other_staff", "admin"):
        with pytest.raises((NotAllowed, NotFound)):
            around.do(take_out, who, around.house.vault, report)


def test_nobody_abroad_gets_it_before_the_caution_was_read_for_them(around: Surroundings) -> None:
    report = around.report("signed")
    with pytest.raises(BadInput, match="caution"):
        package(around, report, recipient="Smith LLP", region="US")
    around.read_caution("escalation", report, "Smith LLP", "US")
    assert package(around, report, recipient="Smith LLP", region="US")
    for recipient, region in (("Jones LLP", "US"), ("Smith LLP", "HK")):
        with pytest.raises(BadInput, match="caution"):
            package(around, report, recipient=recipient, region=region)


def test_one_report_at_a_time_and_its_history_is_whole(around: Surroundings) -> None:
    report = around.report("closed")
    around.do(escalations.begin_from_consultation, "writer", around.matter.id)
    with pytest.raises(TransitionRefused, match="being prepared already"):
        around.do(escalations.begin_from_consultation, "writer", around.matter.id)
    with around.house.database.read() as session:
        steps = [step.step for step in history_of(session, around.row(Escalation, report))]
    assert steps == [
        "begin", "hand_in", "pass_check", "sign", "record_sending", "record_receipt", "record_guidance", "feed_back",
        "close",
    ]  # fmt: skip
    row = around.row(Escalation, report)
    assert (row.channel, row.guidance, row.feedback) == ("机要", "建议联合应诉。", "已告知企业。")
    assert row.receipt == "回执 2026-3"
