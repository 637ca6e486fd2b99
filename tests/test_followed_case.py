"""The sample's followed case: made by the services, by several people, once, whatever interrupts it.

The sample is loaded and delivered once for all; each test follows the case in a copy of that store.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import sample
import serve
from accounts.models import User
from accounts.service import seed_first_accounts
from config import load_settings
from core import audit, outbox
from core.actor import VISITOR
from core.audit import AuditRow
from core.clock import FixedClock
from experts import opinions
from experts.consultation_models import Consultation
from experts.models import Expert
from experts.opinion_models import Opinion
from house import House, build_house, upgrade
from tests.conftest import NOW, MakeHouse
from warning.bulletin_models import Bulletin
from warning.bulletin_reading import get_published
from warning.canonical import canonical_warnings
from warning.models import WatchProfile


def _open(home: Path) -> House:
    return build_house(load_settings({"SEAMARK_HOME": str(home)}), FixedClock(NOW))


def _drain(house: House) -> None:
    outbox.drain(house.database, house.subscriptions, house.clock)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the sample delivered and the first accounts made, before anybody follows the case."""
    home = tmp_path_factory.mktemp("loaded")
    house = _open(home)
    upgrade(house)
    sample.load_sample(house)
    _drain(house)
    with house.database.read() as session:
        firm = sample.sample_firm(session)
    assert firm is not None
    seed_first_accounts(house.database, house.clock, sample=True, firm_id=firm.id)
    house.close()
    return home


@pytest.fixture
def house(loaded: Path, tmp_path: Path) -> Iterator[House]:
    """A copy of it."""
    shutil.copytree(loaded, tmp_path / "home")
    house = _open(tmp_path / "home")
    yield house
    house.close()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """What a store holds that was prepared in one go."""
    house = _open(tmp_path_factory.mktemp("undisturbed"))
    upgrade(house)
    passwords = serve.prepare_sample(house)
    assert [name.split("@")[0] for name, _ in passwords] == ["admin", "staff", "signer", "firm", "expert"]
    held = _held(house)
    house.close()
    return held


def _held(house: House) -> list[Any]:
    """What a store holds, by natural keys: firms, matches, alerts, profiles, consultations, opinions, bulletins, and
    who did what to the last three."""
    with house.database.read() as session:
        people = {f"user:{user.id}": user.email for user in session.scalars(select(User))}
        held: list[Any] = list(canonical_warnings(session))
        held += [(p.name, p.state) for p in session.scalars(select(WatchProfile))]
        for matter in session.scalars(select(Consultation)):
            steps = [(s.step, s.state, people[s.by]) for s in matter.steps]
            held.append((matter.number, matter.state, matter.alert_id is not None, steps))
        held += [(o.number, o.author, o.state, o.sections) for o in session.scalars(select(Opinion))]
        for bulletin in session.scalars(select(Bulletin)):
            acts = [(act.step, people[act.actor]) for act in bulletin.acts]
            held.append((bulletin.slug, bulletin.state, bulletin.is_sample, bulletin.content["title"], acts))
        about = select(AuditRow).where(AuditRow.subject.in_(["consultation", "bulletin", "watch", "account"]))
        held += [
            (row.action, people.get(row.actor, row.actor))
            for row in session.scalars(about.order_by(AuditRow.id))
        ]
    return held


def _rows(house: House) -> tuple[Consultation, Bulletin]:
    with house.database.read() as session:
        matter = session.scalars(select(Consultation)).one()
        return session.get_one(Consultation, matter.id), session.scalars(select(Bulletin)).one()


def test_the_invented_firm_is_told_by_its_watch_profile_and_named_by_no_case(house: House) -> None:
    with house.database.read() as session:
        firm, case = sample.sample_firm(session), sample.followed_case(session)
        assert firm is not None and case is not None
        assert sample.alert_of(session, firm, case) is not None
        rows = list(canonical_warnings(session))
    assert [r for r in rows if r["kind"] == "match" and r["firm"] == firm.ref] == []
    assert {r["trigger"] for r in rows if r["kind"] == "alert" and r["firm"] == firm.ref} == {"watch"}


def test_the_case_is_followed_through_every_state(house: House) -> None:
    assert sample.follow_case(house)
    with house.database.read() as session:
        matter = session.scalars(select(Consultation)).one()
        steps = [step.step for step in matter.steps]
        assert matter.alert_id is not None
        opinion = session.scalars(select(Opinion)).one()
        expert = session.get_one(Expert, matter.expert_id)
        bulletin = session.scalars(select(Bulletin)).one()
        acts = [act.step for act in bulletin.acts]
        assert get_published(session, VISITOR, str(bulletin.slug)).shown.id == bulletin.id
        audited = {row.action for row in session.scalars(select(AuditRow))}
    assert steps == [
        "submit",
        "accept",
        "assign",
        "declare",
        "begin",
        "send_opinion",
        "pass_opinion",
        "issue",
    ]
    assert (opinion.state, opinion.author) == ("issued", expert.name_zh)
    assert all(opinion.sections[name] for name, _ in opinions.SECTIONS)
    assert expert.is_sample
    assert acts == ["draft", "edit", "submit", "approve", "sign"]
    assert (bulletin.state, bulletin.is_sample) == ("published", True)
    assert bulletin.content["title"]["zh"].startswith("【示例】")
    assert bulletin.content["title"]["en"].startswith("[Sample] ")
    assert {f"bulletin.{act}" for act in acts} | {f"consultation.{step}" for step in steps} <= audited


def test_nobody_approves_signs_or_issues_what_they_wrote(house: House) -> None:
    sample.follow_case(house)
    with house.database.read() as session:
        people = {f"user:{user.id}": user.email.split("@")[0] for user in session.scalars(select(User))}
        matter, bulletin = (
            session.scalars(select(Consultation)).one(),
            session.scalars(select(Bulletin)).one(),
        )
        took = {step.step: people[step.by] for step in matter.steps}
        did = {act.step: people[act.actor] for act in bulletin.acts}
        opinion = session.scalars(select(Opinion)).one()
    assert [people[name] for name in bulletin.authors] == ["staff"]
    assert (did["draft"], did["approve"], did["sign"]) == ("staff", "signer", "signer")
    acts = ("submit", "declare", "send_opinion", "pass_opinion", "issue")
    assert [took[act] for act in acts] == ["firm", "expert", "expert", "staff", "signer"]
    assert people[str(opinion.issued_by)] == "signer"


def test_the_local_firm_of_the_case_is_a_letter_in_the_bulletin(house: House) -> None:
    sample.follow_case(house)
    _, bulletin = _rows(house)
    assert [party.get("letter") for party in bulletin.content["parties"]] == [None, "A"]
    assert bulletin.names[1]["name"] not in str(bulletin.content)


def test_following_again_changes_nothing(house: House) -> None:
    sample.follow_case(house)
    first = _held(house)
    assert sample.follow_case(house)
    assert _held(house) == first


def test_a_store_prepared_twice_holds_what_one_prepared_once_does(
    tmp_path: Path, undisturbed: list[Any]
) -> None:
    house = _open(tmp_path)
    upgrade(house)
    assert serve.prepare_sample(house)
    assert serve.prepare_sample(house) == []
    assert _held(house) == undisturbed
    house.close()


def _cut(*args: Any, **named: Any) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("part", ["import_agencies", "gather"])
def test_a_load_cut_short_and_begun_again_ends_as_one_that_was_not(
    part: str, tmp_path: Path, undisturbed: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    house = _open(tmp_path)
    upgrade(house)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(sample, part, _cut)
        serve.prepare_sample(house)
    serve.prepare_sample(house)
    assert _held(house) == undisturbed
    house.close()


@pytest.mark.parametrize(
    "part",
    [
        "begin_draft",
        "casework.declare",
        "opinions.issue_opinion",
        "draft_from_case",
        "submit_bulletin",
        "sign_bulletin",
    ],
)
def test_a_case_cut_short_half_way_and_followed_again_ends_as_one_that_was_not(
    part: str, house: House, undisturbed: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(f"sample.{part}", _cut)
        sample.follow_case(house)
    sample.follow_case(house)
    assert _held(house) == undisturbed


def test_a_store_whose_accounts_were_made_for_something_else_follows_nothing(tmp_path: Path) -> None:
    house = _open(tmp_path)
    upgrade(house)
    seed_first_accounts(house.database, house.clock, sample=False)
    sample.load_sample(house)
    _drain(house)
    assert not sample.follow_case(house)
    with house.database.read() as session:
        assert session.scalars(select(Consultation)).all() == []
        assert session.scalars(select(Bulletin)).all() == []
    house.close()


def test_the_audit_of_a_followed_case_is_whole(house: House) -> None:
    sample.follow_case(house)
    with house.database.write() as session:
        audit.seal(session)
    with house.database.read() as session:
        assert audit.verify(session).unsealed == 0


@pytest.mark.postgres
def test_the_case_is_followed_on_postgresql_too(
    make_house: MakeHouse, postgres_url: str, undisturbed: list[Any]
) -> None:
    house = make_house(postgres_url)
    serve.prepare_sample(house)
    serve.prepare_sample(house)
    assert _held(house) == undisturbed
