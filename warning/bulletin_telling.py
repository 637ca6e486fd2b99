"""The letter of a bulletin: what it warns of, why this firm, where it stands. Its text stays on the page."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.taxonomy import load_taxonomy
from core.centres import Centre
from core.said import Said, said
from notify.letters import Item, Letter, Text, Words
from warning.bulletin_draft import KINDS
from warning.bulletin_models import Bulletin, BulletinReceipt
from warning.bulletin_reading import printed_number
from warning.bulletin_workflow import STANDING

#: what the levels are called in letters
LEVEL_WORDS = {
    "L0": Words("信息提示（不分级）", "Notice, no level"),
    "L1": Words("红色预警 I 级", "Red warning, level I"),
    "L2": Words("橙色预警 II 级", "Orange warning, level II"),
    "L3": Words("黄色预警 III 级", "Yellow warning, level III"),
    "L4": Words("蓝色预警 IV 级", "Blue warning, level IV"),
}


def compose_bulletins(
    session: Session, firm_id: uuid.UUID, bulletin_ids: Sequence[uuid.UUID]
) -> Letter | None:
    """The letter that tells a firm of bulletins it was sent; None when none of them stands any more."""
    rows = session.execute(
        select(Bulletin, BulletinReceipt, Centre)
        .join(BulletinReceipt, BulletinReceipt.bulletin_id == Bulletin.id)
        .join(Centre, Centre.id == Bulletin.centre_id)
        .where(
            Bulletin.id.in_(bulletin_ids),
            BulletinReceipt.firm_id == firm_id,
            Bulletin.state.in_(STANDING),
        )
        .order_by(Bulletin.level == "L0", Bulletin.level, Bulletin.published_at.desc(), Bulletin.id)
    ).all()
    if not rows:
        return None
    centre = rows[0][2]
    office = Words(centre.zh, centre.en)
    items = [_item(bulletin, receipt) for bulletin, receipt, _ in rows]
    subject = said("Seamark: %(what)s", what=items[0].heading)
    if len(items) > 1:
        subject = said("Seamark: %(count)s risk bulletins for your firm", count=len(items))
    return Letter(
        subject,
        said("%(office)s sends your firm what it has published.", office=office),
        items,
        said(
            "For reference only; this is not legal advice. A correction or withdrawal stands on the same page."
        ),
    )


def _item(bulletin: Bulletin, receipt: BulletinReceipt) -> Item:
    content = bulletin.content
    number = Words(printed_number(bulletin, "zh"), printed_number(bulletin, "en"))
    facts: list[tuple[Said, Text]] = [
        (said("Level"), LEVEL_WORDS[bulletin.level]),
        (said("Kind"), Words(*KINDS[content["kind"]])),
    ]
    facts += [
        (title, _labels(content[name]))
        for title, name in ((said("Region"), "regions"), (said("Industry"), "industries"))
        if content[name]
    ]
    facts.append((said("Valid until"), content["valid_until"]))
    reasons = [_reason(row) for row in receipt.why]
    if receipt.by_watch:
        reasons.append(said("A watch profile of your firm asks for this."))
    return Item(
        heading=said("Risk bulletin %(number)s", number=number),
        title=f"{content['title']['zh']} / {content['title']['en']}",
        facts=facts,
        reasons=reasons,
        path=f"/bulletins/{bulletin.slug}",
        link=said("Read the bulletin"),
        subject_id=bulletin.id,
        data={
            "bulletin": {
                "id": bulletin.id,
                "number": printed_number(bulletin, "en"),
                "edition": bulletin.edition,
                "level": bulletin.level,
                "kind": content["kind"],
                "title": {name: content["title"][name] for name in ("zh", "en")},
                "sha256": bulletin.content_sha256,
            }
        },
    )


def _labels(ids: Sequence[str]) -> Words:
    known = load_taxonomy()
    return Words(
        "、".join(known.label(i, "zh") for i in ids[:6]), ", ".join(known.label(i, "en") for i in ids[:6])
    )


def _reason(row: Mapping[str, str]) -> Said:
    value = _labels([row["value"]]) if row["value"] else ""
    return {
        "industry": said("Your firm's industry: %(value)s", value=value),
        "region": said("Your firm has been a party to cases there: %(value)s", value=value),
        "named": said("The centre chose your firm."),
        "before": said("Your firm was sent an earlier edition."),
    }[row["kind"]]
