"""What each source answers at a tick: its matters so far in a new order, some of them twice, in the source's own shape."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from html import escape
from typing import Any

from tests.prove.day.plan import BEGIN, TICK, Day, Matter

_TYPES = {"json": "application/json", "xml": "application/xml", "html": "text/html; charset=utf-8"}


def page(day: Day, source: str, court: str, tick: int) -> tuple[str, bytes]:
    """(media type, body) of ``source`` (and its court) at ``tick``."""
    told = [m for m in day.matters if m.source == source and m.court == court and m.first <= tick]
    if source == "us_pacer_rss":
        told += [m for m in day.matters if m.act and m.court == court and m.changed <= tick]
    chance = random.Random(f"{source}{court}{tick}")
    told += chance.sample(told, len(told) // 10)
    chance.shuffle(told)
    kind, body = _SHAPES[source](told, tick)
    return _TYPES[kind], body.replace("COURT", court).encode()


def docket(matter: Matter) -> bytes:
    """A docket page, bought and brought by hand."""
    return f"""<?xml version="1.0" encoding="utf-8"?>
<gov_uscourts_docket><case_details><court>{matter.court}</court><docket_num>{matter.number}</docket_num>
<case_name>{escape(_caption(matter))}</case_name><date_case_filed>{matter.on}</date_case_filed>
<case_cause>35:271 Patent Infringement</case_cause><nature_of_suit>830 Patent</nature_of_suit></case_details>
<party_list><party><name>{escape(matter.plaintiff)}</name><type>Plaintiff</type></party>
<party><name>{escape(matter.defendant)}</name><type>Defendant</type></party></party_list>
<document_list><document doc_num="1" attachment_num="0"><date_filed>{matter.on}</date_filed>
<long_desc>COMPLAINT for patent infringement. Accused products: {matter.goods}. Patent in suit: U.S. Patent No. {_patent(matter)}.</long_desc>
</document></document_list></gov_uscourts_docket>""".encode()


def _caption(matter: Matter) -> str:
    return f"{matter.plaintiff} v. {matter.defendant}"


def _patent(matter: Matter) -> str:
    return f"{int(matter.right.removeprefix('US')):,}"


def _at(tick: int) -> datetime:
    return BEGIN + tick * TICK


def _rfc(instant: datetime) -> str:
    return f"{instant:%a, %d %b %Y %H:%M:%S} GMT"


def _noon(day: date) -> str:
    return _rfc(datetime(day.year, day.month, day.day, 17, tzinfo=UTC))


def _rss(title: str, link: str, items: Sequence[str]) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>{title}</title><link>{link}</link>'
        f"<description>{title}</description>{''.join(items)}</channel></rss>"
    )


def _ttab(told: Sequence[Matter], tick: int) -> tuple[str, str]:
    rows: list[dict[str, Any]] = []
    for m in told:
        rows.append(_decision(m, m.on, "Decision on Motion", "Motion to compel granted"))
        if m.changed and m.changed <= tick:
            rows.append(_decision(m, BEGIN.date(), "Final Decision", "Opposition Sustained"))
    return "json", json.dumps({"recordTotalQuantity": len(rows), "results": rows})


def _decision(m: Matter, on: date, category: str, decision: str) -> dict[str, Any]:
    return {
        "issue": "2(d)",
        "proceedingNumber": int(m.number),
        "proceedingNumberDisplay": m.number,
        "issueDateStr": f"{on:%d-%b-%Y}".upper(),
        "partyName": _caption(m),
        "proceedingTypeCd": "OPP",
        "decision": decision,
        "decisionTypeCategory": category,
        "opposerMarkGoodService": f"{m.mark}\n[{m.goods}]",
        "groundsForRefusalCategory": ["Likelihood of Confusion"],
    }


def _cafc(told: Sequence[Matter], tick: int) -> tuple[str, str]:
    items = [
        f"<item><title>{m.number}: {escape(_caption(m))} [OPINION], Nonprecedential</title>"
        f"<link>https://www.cafc.uscourts.gov/opinions-orders/{m.number}</link><pubDate>{_noon(m.on)}</pubDate>"
        f"<guid>{m.number}</guid><description>Appeal Number: {m.number} Origin: {'PTO' if m.is_ip else 'MSPB'} "
        "Nonprecedential</description></item>"
        for m in told
    ]
    return "xml", _rss("Opinions", "https://cafc.uscourts.gov", items)


def _pacer(told: Sequence[Matter], tick: int) -> tuple[str, str]:
    items = []
    for m in told:
        kind, on = (m.act, BEGIN.date()) if m.act else ("Complaint", m.on)
        items.append(
            f"<item><title><![CDATA[{m.number} {_caption(m)}]]></title><pubDate>{_noon(on)}</pubDate>"
            f'<guid isPermaLink="false">{m.court} {m.number} {kind}</guid>'
            f"<description><![CDATA[[{kind}] ]]></description>"
            f"<link>https://ecf.{m.court}.uscourts.gov/cgi-bin/DktRpt.pl?{m.number[-5:]}</link></item>"
        )
    return "xml", _rss("District Court", "https://ecf.COURT.uscourts.gov", items)


def _uk(told: Sequence[Matter], tick: int) -> tuple[str, str]:
    entries = []
    for m in told:
        address = f"https://caselaw.nationalarchives.gov.uk/ewhc/ipec/2026/{m.number.split()[2]}"
        entries.append(
            f'<entry><title>{escape(_caption(m))}</title><link href="{address}" rel="alternate"/>'
            f"<published>{m.on}T00:00:00+00:00</published><author><name>Intellectual Property Enterprise Court</name></author>"
            f'<tna:identifier slug="{address[40:]}" type="ukncn">{m.number}</tna:identifier></entry>'
        )
    return "xml", (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" '
        'xmlns:tna="https://caselaw.nationalarchives.gov.uk"><title>Judgments</title>'
        '<link href="https://caselaw.nationalarchives.gov.uk/atom.xml" rel="self"/>'
        + "".join(entries)
        + "</feed>"
    )


def _upc(told: Sequence[Matter], tick: int) -> tuple[str, str]:
    names = (
        "view-field-judgement-application-no-1-table-column", "view-field-location-table-column",
        "view-field-upc-case-type-table-column", "view-field-judgement-parties-long-table-column",
        "view-field-upc-document-table-column",
    )  # fmt: skip
    heads = zip(names, ("Case", "Court", "Type", "Parties", "Document"), strict=True)
    rows = "".join(f'<th id="{name}">{head}</th>' for name, head in heads)
    for m in told:
        node = m.number.split("_")[2].split("/")[0]
        cells = (
            f'{m.number}<br/>{m.number}<br/><a href="/en/node/{node}">Full Details</a>',
            "Munich (DE) Local Division",
            "Infringement Action",
            f"{escape(m.plaintiff)}<br/>v.<br/>{escape(m.defendant)}",
            f'<a href="/sites/default/files/files/api_order/{node}.pdf">Order</a>',
        )
        rows += (
            "<tr>"
            + "".join(f'<td headers="{n}">{c}</td>' for n, c in zip(names, cells, strict=True))
            + "</tr>"
        )
    return "html", f'<html lang="en"><body><table><tr>{rows}</table></body></html>'


def _edis(told: Sequence[Matter], tick: int) -> tuple[str, str]:
    rows = [
        f"<document><id>{800_000 + int(m.number[4:])}</id><documentType>Complaint</documentType>"
        f"<documentTitle>Complaint</documentTitle><securityLevel>Public</securityLevel>"
        f"<investigationNumber>{m.number}</investigationNumber><investigationPhase>Violation</investigationPhase>"
        f"<investigationStatus>Active</investigationStatus><investigationTitle>Certain {m.goods} and Components Thereof; "
        f"Inv. No. 337-TA-{m.number[4:]} (Violation)</investigationTitle><investigationType>Sec 337</investigationType>"
        f"<firmOrganization/><onBehalfOf>{escape(m.plaintiff)}</onBehalfOf>"
        f"<documentDate>{m.on:%Y/%m/%d} 00:00:00</documentDate></document>"
        for m in told
    ]
    return "xml", f"<results><documents>{''.join(rows)}</documents></results>"


def _ids(told: Sequence[Matter], tick: int) -> tuple[str, str]:
    rows = []
    for m in told:
        sides = [("Complainant", m.plaintiff), ("Respondent", m.defendant)]
        if m.joined and m.changed <= tick:
            sides.append(("Respondent", m.joined))
        rows.append(
            {
                "Investigation Number": m.number,
                "Investigation Phase": {"Name": "Violation"},
                "Investigation Type": {"Name": "Unfair Imports"},
                "Investigation Categories": [{"ID": 6, "Name": "337 - Unfair Imports"}],
                "Full Title": f"Certain {m.goods} and Components Thereof; Inv. No. 337-TA-{m.number[4:]}",
                "Topic": f"Certain {m.goods} and Components Thereof",
                "Initiating Document Received Date": f"{m.on:%m-%d-%Y}",
                "Participants": [
                    {
                        "Participant Type": {"name": role},
                        "Participant": {"Name": name, "Country": {"name": "China"}},
                    }
                    for role, name in sides
                ],
            }
        )
    return "json", json.dumps({"data": rows})


def _register(told: Sequence[Matter], tick: int) -> tuple[str, str]:
    rows = [
        {
            "abstract": f"A complaint was filed under section 337 of the Tariff Act of 1930. The products are {m.goods}. The "
            f"patent is U.S. Patent No. {_patent(m)}.",
            "agencies": [
                {"raw_name": "INTERNATIONAL TRADE COMMISSION", "name": "International Trade Commission"}
            ],
            "docket_ids": [f"Investigation No. {m.number}"],
            "document_number": f"2026-{m.number[-4:]}",
            "html_url": f"https://www.federalregister.gov/documents/2026-{m.number[-4:]}",
            "publication_date": str(m.on),
            "title": f"Certain {m.goods.title()} and Products Containing Same; Notice of Institution of Investigation",
            "type": "Notice",
        }
        for m in told
    ]
    return "json", json.dumps({"count": len(rows), "total_pages": 1, "results": rows})


def _ptab(told: Sequence[Matter], tick: int) -> tuple[str, str]:
    rows = [
        {
            "trialNumber": m.number,
            "patentOwnerData": {
                "patentNumber": m.right.removeprefix("US"),
                "realPartyInInterestName": m.plaintiff,
            },
            "regularPetitionerData": {"realPartyInInterestName": m.defendant},
            "trialMetaData": {
                "petitionFilingDate": str(m.on),
                "trialLastModifiedDate": str(m.on + timedelta(days=1)),
                "trialStatusCategory": "Pending",
                "trialTypeCode": "IPR",
            },
        }
        for m in told
    ]
    return "json", json.dumps({"count": len(rows), "patentTrialProceedingDataBag": rows})


_SHAPES = {
    "us_ttab": _ttab,
    "us_cafc": _cafc,
    "us_pacer_rss": _pacer,
    "uk_fcl": _uk,
    "upc_decisions": _upc,
    "us_edis": _edis,
    "us_itc_ids": _ids,
    "us_federal_register": _register,
    "us_ptab": _ptab,
}
