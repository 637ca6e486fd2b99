"""The labelled quality set: real items by reference, each with what a careful reader says of it.

A reference is ``file#record``: a file under the folder of recordings and the record's own id in it, or
``public_facts.jsonl#id`` for the public facts told in our own words beside the labels. How the items were chosen stands
in ``draw.py``, how they were labelled in ``LABELLING.md``. Only :class:`TagInput` is taken from the rules.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from bs4 import BeautifulSoup

from warning.rules.tagger import TagInput

LABELS = Path(__file__).parent / "labels"
FIRST = ("development", "sealed")
SECOND = ("development2", "sealed2")
THIRD = ("development3", "sealed3")
#: the fourth set has no part to tune with
FOURTH = ("sealed4",)
PARTS = (*FIRST, *SECOND, *THIRD, *FOURTH)
#: how many references of the first set, those of the smallest SHA-256, are sealed
SEALED = 100
#: the part of the second and of the third set, by SHA-256, that is sealed
SEALED2 = 0.6
PUBLIC = "public_facts.jsonl"
PUBLIC2 = "public_facts2.jsonl"
PUBLIC3 = "public_facts3.jsonl"
PUBLIC4 = "public_facts4.jsonl"
#: kinds of labels that are sets, in the order of the columns
SETS = ("regions", "industries", "dispute_types", "ip_rights", "remedies")
COLUMNS = (
    "reference",
    "language",
    "venue_given",
    "regions",
    "industries",
    "industries_lenient",
    "dispute_types",
    "dispute_types_lenient",
    "ip_rights",
    "stage",
    "remedies",
    "china_related",
    "note",
)
REMEDIES = (
    "general_exclusion_order",
    "limited_exclusion_order",
    "cease_and_desist_order",
    "tro",
    "asset_freeze",
    "injunction",
    "seizure",
    "damages",
)
_ITC = "v.us.itc"
_AKN = "{http://docs.oasis-open.org/legaldocml/ns/akn/3.0}"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
#: code points read of a judgment
_JUDGMENT = 8000
#: code points read of a docket's entries
_ENTRIES = 2000

Records = Mapping[str, TagInput]


@dataclass(frozen=True)
class Label:
    """What the reader said of an item. None: not judged. ``lenient`` holds the answers that are also acceptable."""

    reference: str
    language: str
    venue_given: bool
    regions: frozenset[str] | None
    industries: frozenset[str] | None
    dispute_types: frozenset[str] | None
    ip_rights: frozenset[str] | None
    remedies: frozenset[str] | None
    stage: str | None
    china_related: bool | None
    lenient: Mapping[str, frozenset[str]]
    note: str = ""


def sealed_of(references: Iterator[str] | list[str] | set[str]) -> frozenset[str]:
    """The references that are sealed: the hundred whose SHA-256 is smallest."""
    return frozenset(sorted(references, key=lambda r: hashlib.sha256(r.encode()).hexdigest())[:SEALED])


def is_sealed2(reference: str) -> bool:
    """Whether an item of the second or third set is sealed: its SHA-256, as a fraction of all, lies under :data:`SEALED2`."""
    return int(hashlib.sha256(reference.encode()).hexdigest(), 16) < SEALED2 * 2**256


def read_labels(part: str) -> list[Label]:
    """The labels of one part of :data:`PARTS`. Raises ValueError for a broken row, naming file and reference."""
    path = LABELS / f"{part}.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream)
        if tuple(rows.fieldnames or ()) != COLUMNS:
            raise ValueError(f"{path.name}: the columns must be {', '.join(COLUMNS)}")
        return [_label(path.name, row) for row in rows]


def _label(name: str, row: Mapping[str, str]) -> Label:
    known = {"yes": True, "no": False, "?": None}
    if row["china_related"] not in known or row["venue_given"] not in ("yes", "no"):
        raise ValueError(f"{name}: {row['reference']}: china_related is yes, no or ?; venue_given yes or no")
    sets = {kind: None if row[kind] == "?" else frozenset(row[kind].split()) for kind in SETS}
    return Label(
        row["reference"],
        row["language"],
        row["venue_given"] == "yes",
        stage=row["stage"] or None,
        china_related=known[row["china_related"]],
        lenient={kind: frozenset(row[f"{kind}_lenient"].split()) for kind in ("industries", "dispute_types")},
        note=row["note"],
        **sets,
    )


def record_of(reference: str, data: Path) -> TagInput:
    """The raw record behind a reference. Raises KeyError when the file or the record is not there."""
    file, _, record = reference.partition("#")
    return records_in(file, data)[record]


@cache
def records_in(file: str, data: Path) -> Records:
    """Every record of one file, by its id in the file. Raises KeyError for a file that no reader knows."""
    if file in (PUBLIC, PUBLIC2, PUBLIC3, PUBLIC4):
        return dict(_public(LABELS / file))
    return dict(READERS[file](data / file))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _clean(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "").strip()


def _public(path: Path) -> Iterator[tuple[str, TagInput]]:
    for row in _rows(path):
        yield row["id"], TagInput(row["id"], row["title"], row["text"], row.get("venue"), row["language"])


def _notices(path: Path) -> Iterator[tuple[str, TagInput]]:
    for row in _rows(path):
        yield row["fr_doc"], TagInput(row["fr_doc"], row["title"], row["abstract"] or "", language="en")


def _register(path: Path) -> Iterator[tuple[str, TagInput]]:
    for row in _json(path)["results"]:
        number = row["document_number"]
        yield number, TagInput(number, row["title"], row["abstract"] or "", language="en")


def _usitc_facts(path: Path) -> Iterator[tuple[str, TagInput]]:
    for row in _rows(path):
        key = f"{row['investigation_no']}:{row['stage']}"
        parts = [
            f"Complainants: {'; '.join(row['complainants'])}.",
            f"Respondents: {'; '.join(r['name'] + ', ' + r['location'] for r in row['respondents'])}.",
            f"Patents: {', '.join(row['patents'])}." if row["patents"] else "",
            f"Remedy sought: {', '.join(row['remedy_sought'])}." if row["remedy_sought"] else "",
        ]
        parties = tuple((r["name"], "respondent", r["location"]) for r in row["respondents"])
        title = f"{row['investigation_no']}: {row['title']} ({row['stage']})"
        yield key, TagInput(key, title, " ".join(filter(None, parts)), _ITC, "en", parties)


def _investigations(path: Path) -> Iterator[tuple[str, TagInput]]:
    for row in _json(path):
        number = row["investigation_number"]
        text = f"{row['investigation_type']}, {row['investigation_phase']}, {row['investigation_status']}"
        yield number, TagInput(number, row["title"], text, _ITC, "en")


def _timeline(path: Path) -> Iterator[tuple[str, TagInput]]:
    page = _json(path)
    sides = page["parties"]
    parties = tuple((name, role[:-1], None) for role, names in sides.items() for name in names)
    text = ". ".join(d["title"] or d["document_type"] for d in page["documents"])
    number = page["investigation"]
    yield number, TagInput(number, f"{number}: {'; '.join(p[0] for p in parties)}", text, _ITC, "en", parties)


def _edis_documents(path: Path) -> Iterator[tuple[str, TagInput]]:
    for node in ElementTree.parse(path).iter("document"):

        def said(name: str, node: ElementTree.Element = node) -> str:
            return _clean(node.findtext(name))

        text = f"{said('documentType')}: {said('documentTitle')}. On behalf of {said('onBehalfOf')}."
        yield said("id"), TagInput(said("id"), said("investigationTitle"), text, _ITC, "en")


def _edis_feed(path: Path) -> Iterator[tuple[str, TagInput]]:
    for node in ElementTree.parse(path).iter("item"):
        key = _clean(node.findtext("guid"))
        text = BeautifulSoup(node.findtext(_CONTENT, ""), "html.parser").get_text(" ")
        yield key, TagInput(key, _clean(node.findtext("title")), _clean(text), _ITC, "en")


def _cafc(path: Path) -> Iterator[tuple[str, TagInput]]:
    for number, node in enumerate(ElementTree.parse(path).iter("item")):
        text = _clean(node.findtext("description"))
        yield str(number), TagInput(str(number), _clean(node.findtext("title")), text, "v.us.cafc", "en")


def _pacer_rss(path: Path) -> Iterator[tuple[str, TagInput]]:
    court = path.stem.removeprefix("rss_").split("_")[0].replace("sdny", "nysd")
    for number, node in enumerate(ElementTree.parse(path).iter("item")):
        text = _clean(BeautifulSoup(node.findtext("description", ""), "html.parser").get_text(" "))
        yield str(number), TagInput(str(number), _clean(node.findtext("title")), text, court, "en")


def _news(path: Path) -> Iterator[tuple[str, TagInput]]:
    for number, node in enumerate(ElementTree.parse(path).iter("item")):
        text = _clean(BeautifulSoup(node.findtext("description") or "", "html.parser").get_text(" "))
        yield str(number), TagInput(str(number), _clean(node.findtext("title")), text, "v.au.fca", "en")


def _docket(path: Path) -> Iterator[tuple[str, TagInput]]:
    row = _json(path)
    names = dict.fromkeys(p["name"] for p in row["parties"])
    text = " ".join(_clean(e["description"]) for e in row["docket_entries"])[:_ENTRIES]
    key = row["docket_number"]
    yield (
        key,
        TagInput(
            key,
            row["case_name"],
            f"{row['cause']}. {text}",
            row["court_id"],
            "en",
            tuple((name, "party", None) for name in names),
            {"nos": (row["nature_of_suit"],)},
        ),
    )


def _courtlistener(path: Path) -> Iterator[tuple[str, TagInput]]:
    for row in _json(path):
        key = row["docketNumber"]
        text = " ".join([row["cause"], *(e.get("description", "") for e in row.get("entries", ()))])
        venue = "nysd" if "S.D. New York" in row.get("court", "") else None
        codes = {"nos": (row["suitNature"],)}
        yield key, TagInput(key, row["caseName"], text, venue, "en", codes=codes)


def _ttab(path: Path) -> Iterator[tuple[str, TagInput]]:
    for row in _json(path)["results"]:
        goods = f"{row['opposerMarkGoodService']} {row['applicantMarkGoodService']}"
        text = _clean(f"{row['decision']}. {goods}")
        yield row["id"], TagInput(row["id"], row["partyName"], text, "v.us.ttab", "en")


def _ptab(path: Path) -> Iterator[tuple[str, TagInput]]:
    # The cassette holds the JSON answer as a folded YAML scalar in single quotes; only its rows are wanted.
    import yaml

    for exchange in yaml.safe_load(path.read_text(encoding="utf-8"))["interactions"]:
        body = exchange["response"]["content"]
        if not body:
            continue
        for row in json.loads(body).get("results", ()):
            number = row["proceedingNumber"]
            sides = [row.get("petitionerPartyName"), row.get("respondentPartyName")]
            parties = tuple((name, "party", None) for name in sides if name)
            kind = row["proceedingTypeCategory"]
            text = f"{kind} {row['subproceedingTypeCategory']}, {row['proceedingStatusCategory']}"
            title = f"{number}: {' v. '.join(filter(None, sides))}"
            yield number, TagInput(number, title, text, "v.us.ptab", "en", parties)


def _trials(path: Path) -> Iterator[tuple[str, TagInput]]:
    page = _json(path)
    for row in page.get("patentTrialProceedingDataBag") or page["patentTrialDocumentDataBag"]:
        number, meta = row["trialNumber"], row["trialMetaData"]
        owner = row["patentOwnerData"]
        names = [
            row["regularPetitionerData"].get("realPartyInInterestName"),
            owner.get("realPartyInInterestName"),
        ]
        paper = row.get("documentData", {})
        text = _clean(
            f"{meta['trialTypeCode']} of US patent {owner['patentNumber']}. {meta.get('trialStatusCategory', '')}. "
            f"{paper.get('documentTitleText', '')}. {paper.get('documentOCRText', '')[:600]}"
        )
        parties = tuple((name, "party", None) for name in names if name)
        yield (
            number,
            TagInput(
                number, f"{number}: {' v. '.join(filter(None, names))}", text, "v.us.ptab", "en", parties
            ),
        )


def _schedule_a(path: Path) -> Iterator[tuple[str, TagInput]]:
    for row in _rows(path):
        text = ". ".join(filter(None, (row.get("ip"), row.get("product"), row.get("event"))))
        yield row["docket"], TagInput(row["docket"], row["caption"], text, row["court"], "en")


def _cn_notices(path: Path) -> Iterator[tuple[str, TagInput]]:
    for number, row in enumerate(_rows(path)):
        names = "、".join([*row.get("respondents", ()), *row.get("cn_parties", ())])
        parts = [
            f"申请人/原告:{row['claimant']}" if "claimant" in row else "",
            f"被申请人/被告:{names or row.get('respondents_summary', '')}",
            f"专利:{'、'.join(row['patents'])}" if "patents" in row else "",
            f"请求{'、'.join(row['remedy'])}" if "remedy" in row else "",
            f"编号{row['case_no']}" if row["case_no"] else "",
        ]
        title = f"{row['forum']} {row['product']} {row['event']}"
        yield str(number), TagInput(str(number), title, "。".join(filter(None, parts)), language="zh")


def _ja_list(path: Path) -> Iterator[tuple[str, TagInput]]:
    for row in _json(path):
        key = row["lawsuit_id"]
        yield key, TagInput(key, f"{row['court_name']} {row['case_number']}", "", row["court_name"], "ja")


def _ja_case(path: Path) -> Iterator[tuple[str, TagInput]]:
    row = _json(path)
    key = row["lawsuit_id"]
    yield key, TagInput(key, row["case_name"], row["contents"], row["court_name"], "ja")


def _ja_detail(path: Path) -> Iterator[tuple[str, TagInput]]:
    page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    text = _clean(page.get_text(" "))
    body = text[text.index("事件番号") : text.index("裁判所のウェブサイトでは")]
    name = re.search(r"事件名 (\S+)", body)
    yield path.stem, TagInput(path.stem, name[1] if name else "", body, language="ja")


def _rii(path: Path) -> Iterator[tuple[str, TagInput]]:
    for node in ElementTree.parse(path).iter("item"):
        number, court = _clean(node.findtext("aktenzeichen")), _clean(node.findtext("gericht"))
        yield number, TagInput(number, f"{court}, {number}", "", court, "de")


def _upc(path: Path) -> Iterator[tuple[str, TagInput]]:
    page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    for row in page.select("tbody tr"):
        cells = [_clean(cell.get_text(" ")) for cell in row.find_all("td")]
        number = cells[0].split()[0]
        text = f"{cells[2]}. {cells[1]}. {cells[4]}. {cells[0].replace(' Full Details', '')}"
        yield number, TagInput(number, cells[3], text, "v.upc", "en")


def _euipo(path: Path) -> Iterator[tuple[str, TagInput]]:
    for row in _json(path)["results"]:
        text = f"{row['typeLabel']} {row['caseNumber']}: {row['outcome']}. {', '.join(row['norms'])}"
        title = f"{row['earlierName']} / {row['entityName']}"
        codes = {"nice": tuple(row["opposedClasses"])}
        yield row["caseNumber"], TagInput(row["caseNumber"], title, text, "v.euipo", "en", codes=codes)


def _judgment(path: Path) -> Iterator[tuple[str, TagInput]]:
    tree = ElementTree.parse(path)
    name = next((t.get("value", "") for t in tree.iter(f"{_AKN}FRBRname")), "")
    parts = [t for tag in ("header", "judgmentBody", "body", "mainBody") for t in tree.iter(f"{_AKN}{tag}")]
    text = _clean(" ".join("".join(t.itertext()) for t in parts))[:_JUDGMENT]
    yield path.stem, TagInput(path.stem, name, text, language="en")


def _cross(path: Path) -> Iterator[tuple[str, TagInput]]:
    found = re.search(r'\{"totalHits".*\}\]\}', path.read_text(encoding="utf-8"))
    for row in json.loads(found[0])["rulings"] if found else ():
        number = row["rulingNumber"]
        codes = {"hs": tuple(row["tariffs"].split(", "))}
        yield number, TagInput(number, row["subject"], row["categories"], "v.us.cbp", "en", codes=codes)


Reader = Callable[[Path], Iterator[tuple[str, TagInput]]]
_ODP = "uspto_odp/demo/examples"
READERS: dict[str, Reader] = {
    "federal_register/section337_notices_2020_2024.jsonl": _notices,
    "federal_register/section337_procedural.jsonl": _notices,
    "federal_register/itc_other_notices.jsonl": _notices,
    "federal_register/api_documents_2026-08-25_trim2.json": _register,
    "usitc_337/usitc_337_facts.jsonl": _usitc_facts,
    "usitc_337/edis_investigations_2026-09-18.json": _investigations,
    "usitc_337/stage_timeline_337-1027.json": _timeline,
    "usitc_edis/document-894762.xml": _edis_documents,
    "usitc_edis/documents-337-1145-violation.xml": _edis_documents,
    "usitc_edis/documents-337-3673-2023.xml": _edis_documents,
    "usitc_edis/feed-2022-05-27.xml": _edis_feed,
    "cafc/cafc_example.xml": _cafc,
    "pacer_rss/nyed_1.xml": _pacer_rss,
    "pacer_rss/sdny_1.xml": _pacer_rss,
    "pacer_rss/cadc.xml": _pacer_rss,
    "pacer_rss/cafc.xml": _pacer_rss,
    "courtlistener/rss_ca10.xml": _pacer_rss,
    "courtlistener_ip/ip_dockets_real_values.json": _courtlistener,
    "pacer_dockets/azd_1061043.json": _docket,
    "pacer_dockets/azd_318008.json": _docket,
    "pacer_dockets/cacd.json": _docket,
    "pacer_dockets/ded.json": _docket,
    "pacer_dockets/mied_318514.json": _docket,
    "ttab/ttab_example.json": _ttab,
    "ptab/TestPtabProceeding.test_filter_by_party.yaml": _ptab,
    "ptab/TestPtabProceeding.test_filter_with_limit.yaml": _ptab,
    f"{_ODP}/search_trial_proceedings/response.json": _trials,
    f"{_ODP}/search_trial_decisions/response.json": _trials,
    "us_schedule_a/schedule_a_facts.jsonl": _schedule_a,
    "cn_notices/cn_notice_facts.jsonl": _cn_notices,
    "japan/data_set/list_2020_ip_subset.json": _ja_list,
    "japan/data_set/89173_head.json": _ja_case,
    "japan/detail/court_hanrei_detail7.html": _ja_detail,
    "germany_rii/rii-toc.xml": _rii,
    "upc/decisions_listing_fixture.html": _upc,
    "euipo_caselaw_api/officesearch_en_1row.json": _euipo,
    "uk_fcl/ewca_civ_2025_673.xml": _judgment,
    "uk_fcl/ewhc-ch-2023-257.xml": _judgment,
    "uk_fcl/uksc-2022-14-press-summary.xml": _judgment,
    "uk_fcl/test20.xml": _judgment,
    "uk_fcl/test26.xml": _judgment,
    "ip_news/fedcourt_news.rss.xml": _news,
    "cbp_cross/shape.md": _cross,
}
