"""A bulletin is read by whom it is for: everybody, members of the centre, or the firms it was sent to; and advice too."""

from __future__ import annotations

import uuid

import pytest

from core.actor import VISITOR, Actor, Role
from core.errors import BadInput, NotFound
from house import House
from tests.factories import bring_firms, drain, keeper, member, staff
from tests.warning.bulletin_world import Desk, a_case, edit_of
from tests.warning.test_bulletin_sending import FIRMS
from warning.bulletin_changes import changes
from warning.bulletin_draft import SCOPES, paragraphs_of
from warning.bulletin_models import Bulletin
from warning.bulletin_reading import facet_counts, get_published, list_published
from warning.bulletin_sending import Audience, send_bulletin

READERS = ("visitor", "sent", "member", "staff", "expert", "station", "elsewhere")
MAY = {
    "public": set(READERS),
    "members": {"sent", "member", "staff"},
    "targeted": {"sent", "staff"},
}


@pytest.fixture
def firms(each_house: House) -> House:
    bring_firms(each_house, FIRMS)
    return each_house


def published(house: House, scope: str) -> Desk:
    """A bulletin of a scope, sent to beta."""
    desk = Desk(house, a_case(house))
    desk.edit(scope=scope)
    desk.submit()
    desk.approve()
    desk.sign()
    send(desk, "beta")
    return desk


def send(desk: Desk, ref: str) -> None:
    house, audience = desk.house, Audience(named=(ref,))
    with house.database.write() as session:
        send_bulletin(session, house.clock, house.mailroom, desk.reviewer, desk.id, audience)


def readers(house: House) -> dict[str, Actor]:
    centre_id = keeper(house).centre_id

    def other(role: Role) -> Actor:
        return Actor(f"user:{role.value}", frozenset({role}), centre_id=centre_id, user_id=uuid.uuid4())

    return {
        "visitor": VISITOR,
        "sent": member(house, "beta"),
        "member": member(house, "delta"),
        "staff": staff(house),
        "expert": other(Role.EXPERT),
        "station": other(Role.STATION),
        "elsewhere": staff(house, "other"),
    }


@pytest.mark.parametrize("scope", SCOPES)
def test_a_bulletin_is_read_by_whom_it_is_for(firms: House, scope: str) -> None:
    desk = published(firms, scope)
    slug, who = str(desk.now.slug), readers(firms)
    got = set()
    with firms.database.read() as session:
        for name, actor in who.items():
            listed = [row.id for row in list_published(session, actor).rows] == [desk.id]
            counted = bool(facet_counts(session, actor)["level"])
            try:
                opened = get_published(session, actor, slug).shown.id == desk.id
            except NotFound:
                opened = False
            assert listed == counted == opened, name
            got |= {name} if opened else set()
    assert got == MAY[scope]


def test_who_was_sent_an_edition_reads_the_bulletin_to_its_end(firms: House) -> None:
    desk = published(firms, "targeted")
    later = desk.correct()
    later.edit()
    assert later.now.scope == "public", "a form that says nothing of it asks for everybody"
    later.edit(scope="targeted")
    later.submit()
    later.approve()
    later.sign()
    who = readers(firms)
    drain(firms)
    later.withdraw()
    with firms.database.read() as session:
        assert get_published(session, who["sent"], str(later.now.slug)).newest.state == "withdrawn"
        for name in ("visitor", "member"):
            with pytest.raises(NotFound):
                get_published(session, who[name], str(later.now.slug))


def test_what_was_signed_for_some_is_never_made_everybodys(firms: House) -> None:
    desk = published(firms, "members")
    with pytest.raises(RuntimeError, match="scope"), firms.database.write() as session:
        session.get_one(Bulletin, desk.id).scope = "public"


def test_advice_says_whom_it_is_for_and_stands_together(firms: House) -> None:
    desk = Desk(firms, a_case(firms))
    desk.edit()
    now = desk.now
    told = [("chain", "供货前核对图样。"), ("", "保存往来邮件。"), ("named", "立即联系美国律师。")]
    new = [
        {
            "id": f"new-{n}",
            "section": "advice",
            "type": "advice",
            "audience": audience,
            "zh": zh,
            "en": f"Advice {n}",
            "sources": [],
        }
        for n, (audience, zh) in enumerate(told)
    ]
    desk.edit(paragraphs=(*edit_of(now).paragraphs, *new))
    read = [row["zh"] for row in paragraphs_of(desk.now.content, "advice")]
    assert read == ["保存往来邮件。", "立即联系美国律师。", "供货前核对图样。"]
    shown = [change.new[0] for change in changes(now.content, desk.now.content) if change.part == "advice"]
    assert "【建议】被列名企业：立即联系美国律师。" in shown
    with pytest.raises(BadInput) as caught:
        desk.edit(paragraphs=(*edit_of(now).paragraphs, {**new[0], "audience": "nobody"}))
    assert any(name.endswith("-audience") for name in caught.value.details["fields"])
