"""Decisions and orders of the Unified Patent Court, from the list on its site."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag
from bs4.exceptions import ParserRejectedMarkup

from cases.facts import RawCase, RawEvent, RawParty
from core.text import collapse
from crawlers.feeds import decode, drifted, excerpt, forum_date, http_url, is_html, line, newest
from crawlers.source import ParseResult, Rejected, Snapshot, SourceSpec, SourceStatus
from crawlers.us_courts import sides

_LIST = "https://www.unifiedpatentcourt.org/en/decisions-and-orders"

SPEC = SourceSpec(
    id="upc_decisions",
    zh="欧洲统一专利法院裁判",
    en="Unified Patent Court: decisions and orders",
    homepage=_LIST,
    # One visit asks the newest page of the German and of the French proceedings, then the two newest of all. The list
    # tells a language in no other way, and a case keeps the one it was first recorded with. The first page is asked
    # without ?page=0, which the site does not answer.
    urls=(f"{_LIST}?proceedings_lang=35", f"{_LIST}?proceedings_lang=34", _LIST, f"{_LIST}?page=1"),
    status=SourceStatus.LIVE,
    media_types=("text/html", "application/xhtml+xml"),
    region="EU",
    zone="Europe/Luxembourg",
    every_minutes=360,
    pace_seconds=10.0,
    # A page of the list has some tens of kilobytes.
    max_bytes=3_000_000,
    authority=20,
    terms=(
        "The list and the decisions' files are open and were not challenged as of 2026; the page of a single case "
        "(/en/node/…) is challenged and is only linked."
    ),
)
VENUE = "v.upc"

#: UPC_CFI_1747/2025, UPC-CFI-478/2025, UPC-COA-0000053/2026; CFI 159/2023 in older rows
_CASE = re.compile(r"\b(?:UPC[-_ ])?(CFI|CoA)[-_ ]?0*(\d{1,7})[/_](\d{4})\b", re.IGNORECASE)
#: the numbers of single actions, applications and orders
_ACTION = re.compile(r"\b(ACT|APL|App|ORD|CC|PR)[-_ ]?0*(\d{1,7})[/_](\d{4})\b", re.IGNORECASE)
_SPELT = {"cfi": "CFI", "coa": "CoA", "app": "App"}
_AND_OTHERS = re.compile(
    r"[\s,]+(?:a\.\s?o\.?|and others|u\.\s?a\.?|e\.\s?a\.?|et\.? al(?:ii)?\.?)$", re.IGNORECASE
)
#: type of action -> roles of the two sides, at first instance
_ROLES = (
    (re.compile(r"infring|damages|counterclaim|non-infringement|declarat", re.IGNORECASE), ("plaintiff", "defendant")),
    (re.compile(r"revocation", re.IGNORECASE), ("plaintiff", "defendant")),
    (re.compile(r"provisional measures|preserving|inspection|saisie|order to freeze|protective letter", re.IGNORECASE),
     ("applicant", "respondent")),
)  # fmt: skip
_LANGUAGES = {"english": "en", "french": "fr", "german": "de", "italian": "it", "dutch": "nl", "danish": "da",
              "swedish": "sv", "finnish": "fi", "portuguese": "pt", "slovenian": "sl"}  # fmt: skip
#: a file's own label, where its words are of one language only
_LABELS = (
    (
        "de",
        re.compile(
            r"\b(?:Anordnung|Entscheidung|Endentscheidung|Beschluss|Urteil|Verfügung)\b", re.IGNORECASE
        ),
    ),
    ("fr", re.compile(r"\b(?:ordonnance|décision finale|jugement)\b", re.IGNORECASE)),
    ("it", re.compile(r"\b(?:ordinanza|decisione|sentenza)\b", re.IGNORECASE)),
    ("nl", re.compile(r"\b(?:beschikking|beslissing|vonnis)\b", re.IGNORECASE)),
)
_DAY = re.compile(r"^(\d{1,2})[ .]+([A-Za-z]+)[ ,.]+(\d{4})$")


@dataclass
class _Docket:
    """What the rows of one case say."""

    number: str
    captions: list[tuple[date | None, str]] = field(default_factory=list)
    urls: list[tuple[date | None, str]] = field(default_factory=list)
    courts: set[str] = field(default_factory=set)
    types: set[str] = field(default_factory=set)
    languages: set[str] = field(default_factory=set)
    aliases: set[str] = field(default_factory=set)
    parties: dict[RawParty, None] = field(default_factory=dict)
    events: dict[RawEvent, None] = field(default_factory=dict)


def parse(snapshot: Snapshot) -> ParseResult:
    """One case a case number, one event a file."""
    page = _page(snapshot)
    table = next((t for t in page.find_all("table") if isinstance(t, Tag) and _has_cells(t)), None)
    if table is None:
        if page.find("form") is not None and re.search(
            r"\bno results?\b", page.get_text(" ")[:200_000], re.IGNORECASE
        ):
            return ParseResult([])
        raise drifted(snapshot, "the page has no table of decisions: its layout has changed")
    language = _language(page)
    dockets: dict[str, _Docket] = {}
    rejected: list[Rejected] = []
    rows = [row for row in table.find_all("tr") if isinstance(row, Tag) and row.find("td")]
    for position, row in enumerate(rows):
        try:
            _take(row, language, dockets)
        except ValueError as error:
            rejected.append(Rejected(position, str(error), excerpt(row.get_text(" "))))
    if rows and not dockets and all("case number" in r.reason for r in rejected):
        raise drifted(snapshot, "no row of the table has a case number")
    return ParseResult([_case(docket) for docket in dockets.values()], rejected, len(rows))


def _page(snapshot: Snapshot) -> BeautifulSoup:
    text = decode(snapshot)
    if not is_html(text):
        raise drifted(snapshot, "the answer is no web page")
    try:
        # Text, never bytes: the encoding is decided by then, and the parser reads no file and no address.
        return BeautifulSoup(text.replace("\x00", ""), "lxml")
    except (ParserRejectedMarkup, RecursionError, AssertionError) as error:
        raise drifted(snapshot, f"the page cannot be read: {type(error).__name__}") from error


def _has_cells(table: Tag) -> bool:
    return any(
        _field(str(cell.get("id") or cell.get("headers") or "")) == "number"
        for cell in table.find_all(["th", "td"])
    )


def _field(name: str) -> str:
    """What a cell is of, by its header's id; the ids end in the column's machine name."""
    plain = name.casefold()
    for sign, what in (("application-no", "number"), ("parties", "parties"), ("document", "document"), ("location", "court"),
                       ("case-type", "type"), ("date", "date")):  # fmt: skip
        if sign in plain:
            return what
    return ""


def _language(page: BeautifulSoup) -> str | None:
    """The language by which the list was filtered; None for the whole list."""
    chosen = page.select_one('select[name="proceedings_lang"] option[selected]')
    return _LANGUAGES.get(collapse(chosen.get_text()).casefold()) if chosen is not None else None


def _take(row: Tag, language: str | None, dockets: dict[str, _Docket]) -> None:
    """Add one row to its case. Raises ValueError with the reason it cannot be used."""
    cells = {
        name: cell
        for cell in row.find_all("td")
        if isinstance(cell, Tag)
        and (
            name := _field(" ".join(cell.get_attribute_list("headers"))[:200] if cell.get("headers") else "")
        )
    }
    stated = _lines(cells.get("number"))
    numbers = list(_numbers(" ".join(stated)))
    if not numbers:
        raise ValueError("it has no case number")
    parties = " ".join(_lines(cells.get("parties")))
    caption = line(re.sub(r"\s+", " ", parties))
    on = _day(cells.get("date"))
    kind, court = (line(" ".join(_lines(cells.get(name))), 200) for name in ("type", "court"))
    files = list(_files(cells.get("document"), on))
    # A case number of the Court stands before those of its single actions.
    number = min(numbers, key=lambda n: (not n.startswith("UPC_"), numbers.index(n)))
    docket = dockets.setdefault(number, _Docket(number))
    docket.captions.append((on, caption))
    docket.urls.append((on, _page_address(cells.get("number"))))
    docket.courts.add(court)
    docket.types.add(kind)
    docket.aliases |= set(numbers) - {number}
    docket.languages |= {language} if language else set(_spoken(file.kind for file in files))
    docket.parties |= dict.fromkeys(_parties(caption, kind, number))
    docket.events |= dict.fromkeys(files)


def _lines(cell: Tag | None) -> list[str]:
    """The words of a cell, a line a <br>, links left out of the number's."""
    if cell is None:
        return []
    return [words for part in cell.get_text("\n").split("\n") if (words := collapse(part))]


def _numbers(words: str) -> Iterator[str]:
    """Case numbers in one spelling, UPC_CFI_478/2025, each once, then those of single actions."""
    told: dict[str, None] = {}
    for court, number, year in _CASE.findall(words[:2_000]):
        told[f"UPC_{_SPELT[court.lower()]}_{int(number)}/{year}"] = None
    for kind, number, year in _ACTION.findall(words[:2_000]):
        told[f"{_SPELT.get(kind.lower(), kind.upper())}_{int(number)}/{year}"] = None
    yield from told


def _day(cell: Tag | None) -> date | None:
    """The date of a cell, where the list has that column; None where none is told. Raises ValueError."""
    if cell is None:
        return None
    stamp = cell.find("time")
    written = str(stamp.get("datetime") or "") if isinstance(stamp, Tag) else ""
    written = written or " ".join(_lines(cell))
    if match := _DAY.match(written):
        written = " ".join(match.groups())
    return forum_date(written, SPEC.zone)


def _files(cell: Tag | None, on: date | None) -> Iterator[RawEvent]:
    """The files of a row: label and address. Their names tell two orders of one day apart."""
    for link in cell.find_all("a") if cell is not None else ():
        address = http_url(str(link.get("href") or ""), _LIST)
        label = line(link.get_text(" "), 300)
        if not address or not label:
            continue
        name = line(unquote(urlsplit(address).path.rsplit("/", 1)[-1]), 300)
        yield RawEvent(on, label, name or label, address)


def _page_address(cell: Tag | None) -> str:
    link = cell.find("a", href=True) if cell is not None else None
    return http_url(str(link["href"]), _LIST) if isinstance(link, Tag) else ""


def _spoken(labels: Iterator[str]) -> Iterator[str]:
    for label in labels:
        yield from (language for language, words in _LABELS if words.search(label))


def _parties(caption: str, kind: str, number: str) -> tuple[RawParty, ...]:
    """The two sides. On appeal the list does not say who appealed, so none has a role there."""
    both = sides(caption)
    if both is None:
        name = _AND_OTHERS.sub("", caption).strip(" ,;")
        return (RawParty(line(name, 500), "party"),) if name else ()
    roles = ("party", "party")
    if "_CoA_" not in number:
        roles = next((told for words, told in _ROLES if words.search(kind)), roles)
    named = [line(_AND_OTHERS.sub("", side).strip(" ,;"), 500) for side in both]
    return tuple(RawParty(name, role) for name, role in zip(named, roles, strict=True) if name)


def _case(docket: _Docket) -> RawCase:
    facts = [
        ("Court", "; ".join(sorted(docket.courts - {""}))),
        ("Type of action", "; ".join(sorted(docket.types - {""}))),
    ]
    return RawCase(
        source=SPEC.id,
        venue=VENUE,
        docket_number=docket.number,
        caption=newest(docket.captions),
        text="\n".join(f"{name}: {words}" for name, words in facts if words),
        url=newest(docket.urls),
        parties=tuple(docket.parties),
        events=tuple(docket.events),
        aliases=tuple(sorted(docket.aliases)),
        language=min(docket.languages, default="en"),
    )
