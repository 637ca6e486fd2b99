"""Docket pages: CM/ECF's report and the Internet Archive's XML, another parser's reading of them, and broken pages."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.errors import SourceDrifted
from crawlers.relevance import is_ip
from crawlers.source import as_json
from crawlers.sources.us_pacer_docket import SPEC

EXPECTED: dict[str, Any] = json.loads(Path(__file__).with_name("expected.json").read_text(encoding="utf-8"))


def archived(details: str = "", parties: str = "", documents: str = "") -> str:
    """A docket in the Archive's XML."""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE gov_uscourts_docket SYSTEM "docket.dtd">\n'
        "<gov_uscourts_docket><case_details><court>txed</court><docket_num>2:24-cv-00001-JRG</docket_num>"
        "<case_name>Alpha LLC v. Beta Co., Ltd. et al</case_name><date_case_filed>2024-01-02</date_case_filed>"
        f"<nature_of_suit>830 Patent</nature_of_suit>{details}</case_details><party_list>{parties}</party_list>"
        f"<document_list>{documents}</document_list></gov_uscourts_docket>"
    )


def entry(words: str, day: str = "2024-01-02", number: str = "1") -> str:
    return (
        f'<document doc_num="{number}" attachment_num="0"><date_filed>{day}</date_filed>'
        f"<long_desc>{words}</long_desc></document>"
    )


def party(name: str, kind: str, about: str = "") -> str:
    return f"<party><name>{name}</name><type>{kind}</type><extra_info>{about}</extra_info></party>"


def report(
    heading: str = "U.S. District Court<br>District of Delaware (Wilmington)<br>CIVIL DOCKET FOR CASE #: 1:24-cv-00077-ABC",
    left: str = "<br>Alpha LLC v. Beta Co., Ltd. et al<br>Assigned to: Judge X<br>Cause: 35:271 Patent Infringement",
    right: str = "<br>Date Filed: 01/16/2024<br>Jury Demand: None<br>Nature of Suit: 835 Patent - Abbreviated New Drug "
    "Application(ANDA)<br>Jurisdiction: Federal Question",
    parties: str = "",
    entries: str = "",
    site: str = "",
) -> str:
    """A docket report as CM/ECF prints it (the layout a browser saves, with <tbody>)."""
    return (
        f"<head><title>CM/ECF LIVE</title></head><body>{site}<div id='cmecfMainContent'>"
        f"<table><tbody><tr><td align='right'>PATENT</td></tr></tbody></table><h3 align='center'>{heading}</h3>"
        f"<table width='100%'><tbody><tr><td width='60%'>{left}</td><td width='40%'>{right}</td></tr></tbody></table>"
        f"<table width='100%'><tbody>{parties}</tbody></table><br><table border='1' rules='all'><tbody><tr>"
        "<td style='font-weight:bold'>Date Filed</td><th>#</th><td style='font-weight:bold'>Docket Text</td></tr>"
        f"{entries}</tbody></table></div></body>"
    )


def listed(kind: str, name: str, about: str = "", counsel: str = "") -> str:
    return (
        f"<tr><td><b><u>{kind}      </u></b></td></tr><tr><td width='40%'>\n\t<b>{name}</b>{about}</td>"
        f"<td align='right'>represented&nbsp;by</td><td width='40%'><b>{counsel}</b><br>1 Main Street<br>"
        "<i>LEAD ATTORNEY</i></td></tr><tr><td></td></tr>"
    )


def docketed(day: str, number: str, words: str, document: str = "") -> str:
    shown = f'<a href="{document}">{number}</a>' if document else number
    return f"<tr><td width='94' nowrap=''>{day}</td><td align='right'>{shown}&nbsp;</td><td>{words}</td></tr>"


# --- real recordings


def test_every_recording_has_an_expectation(shared: Path) -> None:
    recorded = {
        path.name for path in (shared / "pacer_dockets").iterdir() if path.suffix in (".html", ".xml")
    }
    assert recorded == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_real_docket_gives_what_was_reviewed(name: str, take, recording, checked, digest) -> None:
    expected = EXPECTED[name]
    result = take("us_pacer_docket", recording(f"pacer_dockets/{name}"))
    (case,) = checked(result)
    assert list(result.rejected) == []
    record = as_json(case)
    assert {field: record.get(field) for field in expected["facts"]} == expected["facts"]
    assert Counter(p.role for p in case.parties) == expected["roles"]
    assert len(case.events) == result.items == expected["entries"]
    assert Counter(event.on is None for event in case.events)[True] == expected["undated"]
    assert is_ip(case, SPEC)
    assert digest([case]) == expected["sha256"]


@pytest.mark.parametrize("name", EXPECTED)
def test_the_court_may_be_given_and_must_then_be_right(name: str, take, recording) -> None:
    content, court = recording(f"pacer_dockets/{name}"), name.split(".")[0].split("_")[0]
    assert take("us_pacer_docket", content, court=court) == take("us_pacer_docket", content)
    with pytest.raises(SourceDrifted, match=f"of the court {court}, and nysd was asked for"):
        take("us_pacer_docket", content, court="nysd")


@pytest.mark.parametrize("name", EXPECTED)
def test_juriscraper_reads_the_same_in_a_real_docket(name: str, take, recording, truth) -> None:
    """Number, dates, nature, cause, parties and every entry agree. Where we differ on purpose:

    - "et al" stays in a caption;
    - who counterclaims is one party, not one more for each new role;
    - a document the Archive knows by number alone is called "Document 174", where juriscraper leaves an empty text.
    """
    theirs = truth(f"pacer_dockets/{name.rsplit('.', 1)[0]}.json")
    (case,) = take("us_pacer_docket", recording(f"pacer_dockets/{name}")).cases
    assert case.docket_number == theirs["docket_number"]
    assert case.venue == f"v.us.{theirs['court_id']}"
    assert _plain(case.caption) == _plain(theirs["case_name"])
    assert case.filed_on == date.fromisoformat(theirs["date_filed"])
    assert case.outcome == (
        f"Case terminated {theirs['date_terminated']}" if theirs["date_terminated"] else None
    )
    assert case.codes["nos"] == (theirs["nature_of_suit"][:3],)
    assert case.codes["cause"] == (theirs["cause"].split()[0],)
    assert {p.name for p in case.parties} == {p["name"] for p in theirs["parties"]}
    for known in theirs["parties"]:
        if known["type"] in ("Plaintiff", "Defendant"):
            assert known["type"].lower() in {p.role for p in case.parties if p.name == known["name"]}
    ours = Counter((event.on, _squeezed(event.text)) for event in case.events)
    wanted = Counter(
        (
            date.fromisoformat(row["date_filed"]) if row["date_filed"] else None,
            _squeezed(row["description"] or f"Document {row['document_number']}"),
        )
        for row in theirs["docket_entries"]
    )
    assert ours == wanted


def _plain(caption: str) -> str:
    return re.sub(r"[\W_]+", "", re.sub(r"\bet al\b", "", caption.lower()))


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


# --- the Archive's XML


def test_an_archived_docket_is_one_case(take) -> None:
    content = archived(
        "<case_cause>35:271 Patent Infringement</case_cause><pacer_case_num>229001</pacer_case_num>",
        party("Alpha LLC", "Plaintiff", "a Texas limited liability company")
        + party("Beta Co., Ltd.", "Defendant", "a Chinese corporation")
        + party("Gamma Technology", "Defendant"),
        entry(
            "COMPLAINT for patent infringement against Beta. Patents in suit: U.S. Patent Nos. 7,092,573 and D696,687."
        )
        + entry("ORDER of dismissal.", "2024-03-04", "9")
        + '<document doc_num="1" attachment_num="1"><short_desc>Exhibit</short_desc></document>',
    )
    (case,) = take("us_pacer_docket", content).cases
    assert (case.venue, case.docket_number, case.filed_on) == ("v.us.txed", "2:24-cv-00001", date(2024, 1, 2))
    assert [(p.name, p.role, p.country) for p in case.parties] == [
        ("Alpha LLC", "plaintiff", "US"),
        ("Beta Co., Ltd.", "defendant", "CN"),
        ("Gamma Technology", "defendant", None),
    ]
    assert case.codes == {"nos": ("830",), "cause": ("35:271",)}
    assert [(event.on, event.kind) for event in case.events] == [
        (date(2024, 1, 2), "COMPLAINT for patent infringement"),
        (date(2024, 3, 4), "ORDER of dismissal"),
    ]
    assert [(r.kind, r.number) for r in case.rights] == [
        ("patent", "US 7,092,573"),
        ("design", "US D696,687"),
    ]
    assert case.url == "https://ecf.txed.uscourts.gov/cgi-bin/DktRpt.pl?229001"
    assert case.outcome is None
    assert case.text.splitlines()[0] == "Nature of suit: 830 Patent"


@pytest.mark.parametrize(
    ("name", "counsel"),
    [
        (
            "ded.html",
            {
                "Cubist Pharmaceuticals Inc.": ("Morris, Nichols, Arsht & Tunnell LLP",),
                # Their lawyers' address stands once, with the first of the three.
                "Teva Parenteral Medicines Inc.": ("Potter Anderson & Corroon, LLP",),
                "Teva Pharmaceuticals USA Inc.": ("Potter Anderson & Corroon, LLP",),
                "Teva Pharmaceutical Industries Ltd.": ("Potter Anderson & Corroon, LLP",),
            },
        ),
        (
            "azd_318008.xml",
            {
                "Soilworks LLC": (
                    "Law Offices of Hinshaw & Culbertson LLP", "Kutak Rock LLP", "Kutak Rock LLP - Scottsdale, AZ",
                ),
                "Midwest Industrial Supply Incorporated": ("Bryan Cave LLP", "Brouse McDowell LPA"),
            },
        ),
        ("mied_318514.xml", {}),
    ],
)  # fmt: skip
def test_the_law_firms_of_a_real_docket_are_told_and_no_lawyers(name: str, counsel, take, recording) -> None:
    (case,) = take("us_pacer_docket", recording(f"pacer_dockets/{name}")).cases
    assert {p.name: p.counsel for p in case.parties if p.counsel} == counsel


def test_a_line_that_names_no_law_firm_is_no_counsel(take) -> None:
    lawyers = "".join(
        f"<attorney><attorney_name>{name}</attorney_name><contact>{contact}</contact></attorney>"
        for name, contact in (
            ("A B", "240 Main St\nHouston"), ("C D", "Email: c@example-llp.com"), ("E F", "In house counsel"),
            ("G H", "(See above for address)"), ("I J", "One &amp; Two P.C.\n1 Main St"), ("I J", "(See above)"),
        )
    )  # fmt: skip
    told = party("Alpha LLC", "Plaintiff").replace(
        "</party>", f"<attorney_list>{lawyers}</attorney_list></party>"
    )
    (case,) = take("us_pacer_docket", archived(parties=told)).cases
    assert [p.counsel for p in case.parties] == [("One & Two P.C.",)]
    assert "Main St" not in json.dumps(as_json(case)) and "C D" not in json.dumps(as_json(case))


def test_a_terminated_docket_says_so(take) -> None:
    (case,) = take(
        "us_pacer_docket", archived("<date_case_terminated>2025-05-06</date_case_terminated>")
    ).cases
    assert case.outcome == "Case terminated 2025-05-06"


def test_a_counterclaim_makes_nobody_a_second_party(take) -> None:
    parties = (
        party("Alpha LLC", "Plaintiff")
        + party("Beta Co.", "Defendant")
        + party("Beta Co.", "Counter Claimant")
        + party("Alpha LLC", "Counter Defendant")
        + party("Alpha Parent Ltd.", "Counter Defendant")
        + party("Omega Inc.", "ThirdParty Defendant")
        + party("Guest Corp.", "Amicus")
    )
    (case,) = take("us_pacer_docket", archived(parties=parties)).cases
    assert [(p.name, p.role) for p in case.parties] == [
        ("Alpha LLC", "plaintiff"),
        ("Beta Co.", "defendant"),
        ("Alpha Parent Ltd.", "defendant"),
        ("Omega Inc.", "defendant"),
        ("Guest Corp.", "party"),
    ]


def test_numbers_on_the_clerks_report_are_marks_in_a_trademark_suit(take) -> None:
    words = (
        "Report to the Commissioner for Patent/Trademark Number(s) 4,123,456; 5,234,567. Fee 1,234,567 paid."
    )
    patent = archived(documents=entry(words))
    (case,) = take("us_pacer_docket", patent).cases
    assert [(r.kind, r.number) for r in case.rights] == [
        ("patent", "US 4,123,456"),
        ("patent", "US 5,234,567"),
    ]
    (case,) = take("us_pacer_docket", patent.replace("830 Patent", "840 Trademark")).cases
    assert [r.kind for r in case.rights] == ["trademark", "trademark"]


def test_what_the_archive_does_not_know_is_left_open(take) -> None:
    documents = '<document doc_num="7" attachment_num="0"><date_filed>0000-00-00</date_filed></document>'
    (case,) = take("us_pacer_docket", archived(documents=documents)).cases
    assert [(event.on, event.text) for event in case.events] == [(None, "Document 7")]


def test_an_entry_with_an_impossible_date_is_refused_and_the_rest_goes_on(take) -> None:
    result = take(
        "us_pacer_docket",
        archived(documents=entry("COMPLAINT") + entry("ORDER", "2024-02-31", "2") + entry("NOTICE")),
    )
    assert [event.kind for event in result.cases[0].events] == ["COMPLAINT", "NOTICE"]
    assert [(r.position, "2024-02-31" in r.reason) for r in result.rejected] == [(1, True)]
    assert result.items == 3


def test_a_very_long_entry_is_clipped_and_says_so(take) -> None:
    (case,) = take("us_pacer_docket", archived(documents=entry("ORDER " + "x" * 100_000))).cases
    assert len(case.events[0].text) == 20_000
    assert case.events[0].text.endswith("…")


# --- CM/ECF's report


def test_a_docket_report_is_one_case(take) -> None:
    content = report(
        parties=listed(
            "Plaintiff", "Alpha LLC", "<br><i>a Delaware limited liability company</i>", "Jane Roe"
        )
        + "<tr><td><br>V.<br></td></tr>"
        + listed(
            "Defendant", "Beta Co., Ltd.", "<br>\n<i>doing business as</i><br>Georgia Company", "John Doe"
        )
        + listed("Defendant", "Gamma Corp.", "<br><i>TERMINATED: 02/02/2024</i>", "John Doe"),
        entries=docketed("01/16/2024", "1", "COMPLAINT filed by Alpha LLC <i>x</i>.", "/doc1/04301")
        + docketed("02/01/2024", "", "SO ORDERED, granting motion.")
        + docketed("02/02/2024", "3", "Notice of Dismissal", "https://ecf.ded.uscourts.gov/doc1/04302"),
    )
    (case,) = take("us_pacer_docket", content).cases
    assert (case.venue, case.docket_number) == ("v.us.ded", "1:24-cv-00077")
    assert (case.caption, case.filed_on) == ("Alpha LLC v. Beta Co., Ltd. et al", date(2024, 1, 16))
    assert case.codes == {"nos": ("835",), "cause": ("35:271",)}
    assert [(p.name, p.role, p.country) for p in case.parties] == [
        ("Alpha LLC", "plaintiff", "US"),
        ("Beta Co., Ltd.", "defendant", None),
        ("Gamma Corp.", "defendant", None),
    ]
    assert [(e.on, e.kind, e.url) for e in case.events] == [
        (date(2024, 1, 16), "COMPLAINT", "https://ecf.ded.uscourts.gov/doc1/04301"),
        (date(2024, 2, 1), "SO ORDERED", ""),
        (date(2024, 2, 2), "Notice of Dismissal", "https://ecf.ded.uscourts.gov/doc1/04302"),
    ]
    assert "Roe" not in json.dumps(as_json(case))


@pytest.mark.parametrize(
    ("told", "demand"), [("$75,000", "$75,000"), ("$0", None), ("", None), ("Plaintiff", None)]
)
def test_the_sum_demanded_is_kept_where_the_heading_has_one(told: str, demand: str | None, take) -> None:
    left = f"<br>Alpha LLC v. Beta Co., Ltd.<br>Assigned to: Judge X<br>Demand: {told}<br>Cause: 35:271 Patent Infringement"
    (case,) = take("us_pacer_docket", report(left=left)).cases
    assert (case.demand, as_json(case).get("demand")) == (demand, demand)
    assert case.codes["cause"] == ("35:271",)


def test_related_cases_stand_in_the_way_of_nothing(take) -> None:
    left = (
        "<br>In Re: Alpha<br>Devices Litigation<br>Assigned to: Judge X<br><table><tbody><tr><td>Related&nbsp;Cases:"
        "</td><td><a href='/cgi-bin/DktRpt.pl?1'>1:07-cv-10453</a></td></tr><tr><td>Case in other court:</td>"
        "<td>MDL PANEL, MDL 1963</td></tr></tbody></table>Cause: 35:271 Patent Infringement"
    )
    heading = "U.S. District Court<br>Southern District of New York (Foley Square)<br>CIVIL DOCKET FOR CASE #: 1:08-md-01963-RWS"
    (case,) = take("us_pacer_docket", report(heading=heading, left=left)).cases
    assert (case.venue, case.docket_number) == ("v.us.nysd", "1:08-md-01963")
    assert case.caption == "In Re: Alpha Devices Litigation"
    assert case.codes["cause"] == ("35:271",)


def test_a_whole_page_inside_a_table_is_read_the_same(take) -> None:
    inner = report(parties=listed("Plaintiff", "Alpha LLC"), entries=docketed("01/16/2024", "1", "COMPLAINT"))
    wrapped = inner.replace("<body>", "<body><table><tr><td>").replace("</body>", "</td></tr></table></body>")
    assert take("us_pacer_docket", wrapped) == take("us_pacer_docket", inner)


def test_a_criminal_docket_names_the_accused_and_no_counts(take) -> None:
    content = report(
        heading="U.S. District Court<br>District of Columbia (Washington, DC)<br>CRIMINAL DOCKET FOR CASE #: 1:20-cr-00009-XY-1",
        left="<br>Case title: USA v. Alpha Co., Ltd. et al",
        right="<br>Date Filed: 02/13/2020",
        parties="<tr><td>Assigned to: Judge X</td></tr>"
        + listed("Defendant (1)", "ALPHA CO., LTD.")
        + "<tr><td><br><b><u>Pending Counts</u></b></td></tr><tr><td>18:1832 THEFT <b>x</b><br>(1)</td></tr>"
        + listed("Plaintiff", "USA"),
    )
    (case,) = take("us_pacer_docket", content).cases
    assert (case.venue, case.docket_number, case.caption) == (
        "v.us.dcd",
        "1:20-cr-00009",
        "USA v. Alpha Co., Ltd. et al",
    )
    assert [(p.name, p.role) for p in case.parties] == [
        ("ALPHA CO., LTD.", "defendant"),
        ("USA", "plaintiff"),
    ]
    assert case.codes == {}


def test_the_panel_on_multidistrict_litigation_is_a_court_too(take) -> None:
    content = report(
        heading="United States Judicial Panel on Multidistrict Litigation<br>CIVIL DOCKET FOR CASE #: MDL No. 2168",
        left="<br><b>IN RE: Alpha Device Litigation</b><br>Assigned to: Not Assigned",
        right="<br>Date Filed: 04/12/2010<br>MDL Status: Denied<br>Date Terminated: 06/08/2010",
    )
    (case,) = take("us_pacer_docket", content).cases
    assert (case.venue, case.docket_number) == ("v.us.jpml", "MDL No. 2168")
    assert case.outcome == "Case terminated 2010-06-08"


@pytest.mark.parametrize(
    ("heading", "venue"),
    [
        ("UNITED STATES DISTRICT COURT, CENTRAL DISTRICT OF CALIFORNIA (Western Division)", "v.us.cacd"),
        ("U.S. District Court<br>Eastern District of TEXAS LIVE (Marshall)", "v.us.txed"),
        ("U.S. District Court<br>Northern District of West Virginia (Clarksburg)", "v.us.wvnd"),
        ("U.S. District Court<br>California Northern District (San Francisco)", "v.us.cand"),
        (
            "U.S. District Court<br>United States District Court for the Southern District of Illinois",
            "v.us.ilsd",
        ),
        ("United States Court of International Trade (New York)", "v.us.cit"),
    ],
)
def test_the_heading_names_the_court(heading: str, venue: str, take) -> None:
    page = report(heading=f"{heading}<br>CIVIL DOCKET FOR CASE #: 1:24-cv-00077")
    (case,) = take("us_pacer_docket", page).cases
    assert case.venue == venue


def test_a_heading_without_a_name_leaves_the_court_to_the_pages_links(take) -> None:
    page = report(
        heading="CIVIL DOCKET FOR CASE #: 1:24-cv-00077",
        site="<a href='https://ecf.njd.uscourts.gov/doc1/1'>x</a>",
    )
    assert take("us_pacer_docket", page).cases[0].venue == "v.us.njd"
    with pytest.raises(SourceDrifted, match="does not say which court"):
        take("us_pacer_docket", report(heading="CIVIL DOCKET FOR CASE #: 1:24-cv-00077"))


def bankruptcy(heading: str, parties: str, entries: str = "") -> str:
    return (
        f"<html><body><center><b><font size='+1'>{heading}</font></b></center><table class='DktRpt'><tr>"
        "<td><font><i>Assigned to:</i> Judge X<br>Chapter 11</font></td><td align='right'><font><table><tr>"
        "<td><i>Date filed:</i></td><td>&nbsp;&nbsp;01/13/2015</td></tr><tr><td><i>Date terminated:</i></td>"
        f"<td>&nbsp;&nbsp;07/03/2018</td></tr></table></font></td></tr></table><table class='DktRpt'>{parties}</table>"
        "<table class='DktRpt' border='1'><tr><th>Filing Date</th><th colspan='2'>#</th><th>Docket Text</th></tr>"
        f"{entries}</table></body></html>"
    )


def owed(kind: str, name: str) -> str:
    return (
        f"<tr><td><font><i><b>{kind}</b></i><br><b>{name}</b>\n<br>1 Main Street<br>SSN / ITIN: xxx-xx-1234</font></td>"
        "<td>represented by</td><td><font><b>Jane Roe</b><br><i> TERMINATED: 08/22/2016</i></font></td></tr>"
    )


def test_a_bankruptcy_petition_is_called_by_its_debtors(take) -> None:
    entries = (
        "<tr><td>01/13/2015</td><td><nobr>&nbsp;</nobr></td><td><a href='/doc1/034037085340'>118</a><br>(2 pgs)</td>"
        "<td>Chapter 11 Voluntary Petition Filed by Alpha Holdings LLC</td></tr>"
    )
    page = bankruptcy(
        "U.S. Bankruptcy Court<br>California Northern Bankruptcy Court (San Francisco)<br>Bankruptcy Petition #: 15-30037-XYZ",
        owed("Debtor", "Alpha Holdings LLC") + owed("U.S. Trustee", "Office of the U.S. Trustee"),
        entries,
    )
    (case,) = take("us_pacer_docket", page).cases
    assert (case.venue, case.docket_number, case.caption) == ("v.us.canb", "15-30037", "Alpha Holdings LLC")
    assert (case.filed_on, case.outcome) == (date(2015, 1, 13), "Case terminated 2018-07-03")
    assert [p.role for p in case.parties] == ["party", "party"]
    assert [(e.on, e.url) for e in case.events] == [
        (date(2015, 1, 13), "https://ecf.canb.uscourts.gov/doc1/034037085340")
    ]
    assert "xxx-xx" not in json.dumps(as_json(case))


def test_an_adversary_proceeding_is_called_by_its_sides(take) -> None:
    page = bankruptcy(
        "U.S. Bankruptcy Court<br>Southern District of New York (Manhattan)<br>Adversary Proceeding #: 18-01003-shl",
        owed("Plaintiff", "Alpha Inc.") + owed("Defendant", "Beta Co.") + owed("Defendant", "Gamma Ltd."),
    )
    (case,) = take("us_pacer_docket", page).cases
    assert (case.venue, case.docket_number) == ("v.us.nysb", "18-01003")
    assert case.caption == "Alpha Inc. v. Beta Co. et al"
    assert [p.role for p in case.parties] == ["plaintiff", "defendant", "defendant"]


# --- pages that are unusable


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "the answer is empty"),
        (
            "<html><body><h1>PACER Login</h1></body></html>",
            "is no CM/ECF docket report (it begins 'PACER Login')",
        ),
        (
            "<html><body><h2>General Docket</h2>Court of Appeals Docket #: 16-1606</body></html>",
            "this is an appellate docket",
        ),
        ("plain words", "is no CM/ECF docket report"),
        (archived()[:-30], "broken or cut off"),
        ("<gov_uscourts_docket><nonce>x</nonce></gov_uscourts_docket>", "has no <case_details>"),
        (archived().replace("2:24-cv-00001-JRG", " "), "has no number"),
        (archived().replace("<court>txed</court>", "<court>zzd</court>"), "'zzd' is no federal court"),
        (archived().replace("2024-01-02", "2024-13-45"), "its heading: '2024-13-45' is no date"),
        (
            archived().replace('SYSTEM "docket.dtd"', '[<!ENTITY x SYSTEM "file:///etc/passwd">]'),
            "declares entities",
        ),
        (
            report(left="", right="", parties="", entries=""),
            "neither a caption nor a party",
        ),
    ],
)
def test_an_unusable_page_is_drift(content: str, problem: str, take) -> None:
    with pytest.raises(SourceDrifted, match=re.escape(problem)):
        take("us_pacer_docket", content)


def test_an_external_dtd_is_not_fetched(take) -> None:
    away = archived().replace('SYSTEM "docket.dtd"', 'SYSTEM "http://127.0.0.1:9/docket.dtd"')
    assert take("us_pacer_docket", away).cases
