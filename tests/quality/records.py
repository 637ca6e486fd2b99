"""The labelled records of the development evaluation.

Real records stand in the folder of recordings and are named by file and id; what can be said of a whole file (every
notice of section 337 is the Commission's, so American) is said once here, and industries by document in
``labels/industries_us.csv``. ``labels/composed.jsonl`` holds items composed by us in four languages, because the
recordings beside the project are nearly all English: the first were composed before the words of their languages
were written, those numbered from 201 after, so that they were met unseen (F1 then: region .96, industry .82, dispute
type .88, china_related .93). A label of None is not judged; ``also`` is neither asked for nor
held against. Records about one product fall into one half.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from warning.rules.tagger import TagInput

LABELS = Path(__file__).parent / "labels"
_AKN = "{http://docs.oasis-open.org/legaldocml/ns/akn/3.0}"


@dataclass(frozen=True)
class Labelled:
    """A record and what is known of it."""

    record: TagInput
    group: str
    regions: frozenset[str] | None = None
    industries: frozenset[str] | None = None
    dispute_types: frozenset[str] | None = None
    china_related: bool | None = None
    also: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_held_out(self) -> bool:
        """Whether it belongs to the half that nobody looks at while changing words."""
        return hashlib.sha256(self.group.encode()).digest()[0] % 2 == 1


def product_of(title: str) -> str:
    """The product in the title of a notice of section 337, as a key."""
    match = re.search(r"Certain (.*?)(?:;|:|,? Institution|,? Notice|$)", title)
    return re.sub(r"\W+", " ", (match.group(1) if match else title).lower()).strip()


def records(data: Path) -> Iterator[Labelled]:
    """Every labelled record of the folder of recordings, then the composed ones."""
    yield from _section_337(data)
    yield from _other_trade(data)
    yield from _usitc_facts(data)
    yield from _cn_notices(data)
    yield from _japan(data)
    yield from _us_courts(data)
    yield from _offices(data)
    yield from _uk(data)
    yield from composed()


def composed() -> Iterator[Labelled]:
    """The items composed by us."""
    for line in (LABELS / "composed.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield Labelled(
            TagInput(row["id"], row["title"], row["text"], language=row["language"]),
            row["id"],
            frozenset(row["regions"]),
            None if row["industries"] is None else frozenset(row["industries"]),
            frozenset(row["dispute_types"]),
            row["china_related"],
            frozenset(row.get("also", ())),
        )


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _section_337(data: Path) -> Iterator[Labelled]:
    with (LABELS / "industries_us.csv").open(encoding="utf-8", newline="") as stream:
        by_document = {row["fr_doc"]: row for row in csv.DictReader(stream)}
    by_product: dict[str, dict[str, str]] = {}
    files = ("section337_notices_2020_2024.jsonl", "section337_procedural.jsonl")
    notices = [row for name in files for row in _rows(data / "federal_register" / name)]
    for row in notices:
        if row["fr_doc"] in by_document:
            by_product.setdefault(product_of(row["title"]), by_document[row["fr_doc"]])
    for row in notices:
        product = product_of(row["title"])
        labels = by_product.get(product)
        yield Labelled(
            TagInput(row["fr_doc"], row["title"], row["abstract"] or ""),
            product,
            frozenset({"US"}),
            frozenset(labels["industries"].split()) if labels else None,
            frozenset({"dt.section_337"}) if row["title"].count("Certain") or "337" in row["title"] else None,
            None,
            frozenset(labels["also"].split()) | _RIGHTS_OF_337 if labels else _RIGHTS_OF_337,
        )


#: what a notice of section 337 is also about
_RIGHTS_OF_337 = frozenset(
    {"dt.patent_infringement", "dt.trademark_infringement", "dt.design_infringement", "dt.trade_secret",
     "dt.copyright", "dt.unfair_competition"}
)  # fmt: skip


def _other_trade(data: Path) -> Iterator[Labelled]:
    for row in _rows(data / "federal_register" / "itc_other_notices.jsonl"):
        yield Labelled(
            TagInput(row["fr_doc"], row["title"], row["abstract"] or ""),
            row["title"],
            frozenset({"US"}),
            None,
            frozenset(),
            True if "China" in row["title"] else None,
        )


def _usitc_facts(data: Path) -> Iterator[Labelled]:
    for row in _rows(data / "usitc_337" / "usitc_337_facts.jsonl"):
        places = [r["location"] for r in row["respondents"]]
        yield Labelled(
            TagInput(
                row["investigation_no"],
                row["title"],
                " ".join(f"{r['name']}, {r['location']}." for r in row["respondents"]),
                "v.us.itc",
            ),
            product_of(row["title"]),
            frozenset({"US"}),
            None,
            frozenset({"dt.section_337"}),
            any("China" in p or "Hong Kong" in p for p in places) if places else None,
            _RIGHTS_OF_337,
        )


_CN_LABELS = Path(LABELS / "cn_notices.csv")


def _cn_notices(data: Path) -> Iterator[Labelled]:
    rows = list(_rows(data / "cn_notices" / "cn_notice_facts.jsonl"))
    with _CN_LABELS.open(encoding="utf-8", newline="") as stream:
        labels = {row["source_url"]: row for row in csv.DictReader(stream)}
    for row in rows:
        label = labels[row["source_url"]]
        names = [*row.get("respondents", ()), *row.get("cn_parties", ()), row.get("respondents_summary", "")]
        text = f"{row.get('claimant', '')}。{'、'.join(names)}。{row.get('case_no') or ''}"
        for title in (f"{row['product']}:{row['event']}", f"{row['forum']}:{row['product']}"):
            yield Labelled(
                TagInput(row["source_url"], title, text, row["forum"], "zh"),
                row["source_url"],
                frozenset({label["region"]}),
                frozenset(label["industries"].split()),
                frozenset(label["dispute_types"].split()),
                {"yes": True, "no": False, "": None}[label["china_related"]],
                frozenset(label["also"].split()),
            )


def _japan(data: Path) -> Iterator[Labelled]:
    for row in json.loads((data / "japan/data_set/list_2020_ip_subset.json").read_text(encoding="utf-8")):
        yield Labelled(
            TagInput(row["lawsuit_id"], "", f"{row['court_name']} {row['case_number']}", language="ja"),
            row["lawsuit_id"],
            frozenset({"JP"}),
        )
    row = json.loads((data / "japan/data_set/89173_head.json").read_text(encoding="utf-8"))
    yield Labelled(
        TagInput(row["lawsuit_id"], row["case_name"], row["contents"], language="ja"),
        row["lawsuit_id"],
        frozenset({"JP"}),
        None,
        frozenset({"dt.patent_infringement"}),
        False,
    )


_NOT_IP = frozenset({"CFC", "CAVC", "MSPB", "DVA", "BCA"})


def _us_courts(data: Path) -> Iterator[Labelled]:
    tree = ElementTree.parse(data / "cafc" / "cafc_example.xml")
    for number, item in enumerate(tree.iter("item")):
        title, text = item.findtext("title", ""), item.findtext("description", "")
        origin = re.search(r"Origin: (\w+)", text)
        is_other = origin is not None and origin[1] in _NOT_IP
        yield Labelled(
            TagInput(f"cafc{number}", title, text, "cafc"),
            title,
            frozenset({"US"}),
            None,
            frozenset() if is_other else None,
        )
    for row in json.loads((data / "courtlistener_ip" / "ip_dockets_real_values.json").read_text("utf-8")):
        dispute = "dt.copyright" if "Copyright" in row["suitNature"] else "dt.patent_infringement"
        yield Labelled(
            TagInput(
                row["docketNumber"],
                row["caseName"],
                row["cause"],
                row.get("court", "nysd"),
                codes={"nos": (row["suitNature"],)},
            ),
            row["docketNumber"],
            frozenset({"US"}),
            None,
            frozenset({dispute}),
        )
    for row in _rows(data / "us_schedule_a" / "schedule_a_facts.jsonl"):
        yield Labelled(
            TagInput(
                row["docket"], row["caption"], " ".join(filter(None, (row.get("ip"), row.get("event"))))
            ),
            row["docket"],
            frozenset({"US"}),
            None,
            frozenset({"dt.tro_schedule_a"}),
            None,
            frozenset({"dt.trademark_infringement", "dt.design_infringement"}),
        )


def _offices(data: Path) -> Iterator[Labelled]:
    page = json.loads((data / "ttab" / "ttab_example.json").read_text(encoding="utf-8"))
    for row in page["results"]:
        goods = f"{row['opposerMarkGoodService']} {row['applicantMarkGoodService']}"
        yield Labelled(
            TagInput(row["id"], row["partyName"], f"{row['decision']} {goods}", "ttab"),
            row["id"],
            frozenset({"US"}),
            frozenset({"ind.agri_food_brand"}),
            frozenset({"dt.tm_opposition_cancellation"}),
            None,
            frozenset({"dt.trademark_infringement"}),
        )
    folder = data / "uspto_odp" / "demo" / "examples" / "search_trial_proceedings"
    page = json.loads((folder / "response.json").read_text(encoding="utf-8"))
    for row in page["patentTrialProceedingDataBag"]:
        yield Labelled(
            TagInput(row["trialNumber"], row["trialNumber"], "Petition for inter partes review"),
            row["trialNumber"],
            frozenset({"US"}),
            None,
            frozenset({"dt.validity"}),
        )


def _uk(data: Path) -> Iterator[Labelled]:
    known = {"test20.xml": "dt.trademark_infringement", "test26.xml": "dt.design_infringement"}
    for path in sorted((data / "uk_fcl").glob("*.xml")):
        tree = ElementTree.parse(path)
        body = " ".join("".join(t.itertext()) for t in tree.iter(f"{_AKN}judgmentBody")) or " ".join(
            "".join(t.itertext()) for t in tree.iter(f"{_AKN}body")
        )
        head = " ".join("".join(t.itertext()) for t in tree.iter(f"{_AKN}header"))
        name = next((t.get("value", "") for t in tree.iter(f"{_AKN}FRBRname")), "")
        yield Labelled(
            TagInput(path.name, name, re.sub(r"\s+", " ", f"{head} {body}")[:8000]),
            path.name,
            frozenset({"GB"}),
            None,
            frozenset({known[path.name]}) if path.name in known else frozenset(),
            False if path.name in known else None,
            frozenset({"dt.copyright", "dt.unfair_competition", "dt.patent_infringement"})
            if path.name in known
            else frozenset(),
        )
