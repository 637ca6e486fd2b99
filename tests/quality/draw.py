"""How the items of the quality set were chosen: a draw with a fixed seed, so many from every file with readable text.

Of one investigation, docket or product only one item is drawn, so that the sealed part does not repeat what the rules
were tuned with. A second set was drawn the same way when the first had been spent, with nothing and no product of the
first in it, and a third when the second had been. ``python -m tests.quality.draw DATA`` prints the references of all.
"""

from __future__ import annotations

import random
import re
import sys
from pathlib import Path

from tests.quality.labelled import PUBLIC, PUBLIC2, PUBLIC3, READERS, records_in
from warning.rules.tagger import TagInput

SEED = 20261126
#: how many of each file; of a file not named here, one
COUNTS = {
    PUBLIC: 134,
    "federal_register/section337_notices_2020_2024.jsonl": 43,
    "federal_register/section337_procedural.jsonl": 16,
    "federal_register/itc_other_notices.jsonl": 14,
    "usitc_337/usitc_337_facts.jsonl": 9,
    "usitc_337/edis_investigations_2026-09-18.json": 3,
    "cafc/cafc_example.xml": 12,
    "courtlistener_ip/ip_dockets_real_values.json": 3,
    "ttab/ttab_example.json": 2,
    "ptab/TestPtabProceeding.test_filter_with_limit.yaml": 2,
    "uspto_odp/demo/examples/search_trial_proceedings/response.json": 3,
    "us_schedule_a/schedule_a_facts.jsonl": 4,
    "cn_notices/cn_notice_facts.jsonl": 7,
    "japan/data_set/list_2020_ip_subset.json": 6,
    "germany_rii/rii-toc.xml": 3,
    "upc/decisions_listing_fixture.html": 4,
    "ip_news/fedcourt_news.rss.xml": 3,
}
#: how many of each file for the second set; of a file not named here, none
COUNTS2 = {
    PUBLIC2: 134,
    "federal_register/section337_notices_2020_2024.jsonl": 18,
    "federal_register/section337_procedural.jsonl": 8,
    "federal_register/itc_other_notices.jsonl": 6,
    "usitc_337/usitc_337_facts.jsonl": 2,
    "usitc_337/edis_investigations_2026-09-18.json": 1,
    "usitc_edis/documents-337-3673-2023.xml": 1,
    "cafc/cafc_example.xml": 6,
    "pacer_rss/nyed_1.xml": 2,
    "pacer_rss/sdny_1.xml": 1,
    "ptab/TestPtabProceeding.test_filter_with_limit.yaml": 2,
    "ptab/TestPtabProceeding.test_filter_by_party.yaml": 1,
    "uspto_odp/demo/examples/search_trial_proceedings/response.json": 1,
    "uspto_odp/demo/examples/search_trial_decisions/response.json": 1,
    "japan/data_set/list_2020_ip_subset.json": 3,
    "ip_news/fedcourt_news.rss.xml": 4,
}
#: how many of each file for the third set; of a file not named here, none
COUNTS3 = {
    "federal_register/section337_notices_2020_2024.jsonl": 44,
    "federal_register/section337_procedural.jsonl": 14,
    "federal_register/itc_other_notices.jsonl": 16,
    "federal_register/api_documents_2026-08-25_trim2.json": 1,
    "usitc_337/edis_investigations_2026-09-18.json": 1,
    "usitc_edis/documents-337-1145-violation.xml": 1,
    "usitc_edis/feed-2022-05-27.xml": 1,
    "cafc/cafc_example.xml": 14,
    "pacer_rss/nyed_1.xml": 7,
    "pacer_rss/sdny_1.xml": 7,
    "pacer_rss/cadc.xml": 1,
    "pacer_rss/cafc.xml": 1,
    "courtlistener/rss_ca10.xml": 1,
    "ptab/TestPtabProceeding.test_filter_by_party.yaml": 3,
    "ptab/TestPtabProceeding.test_filter_with_limit.yaml": 5,
    "uspto_odp/demo/examples/search_trial_proceedings/response.json": 1,
    "uspto_odp/demo/examples/search_trial_decisions/response.json": 2,
    "japan/data_set/list_2020_ip_subset.json": 8,
    "ip_news/fedcourt_news.rss.xml": 10,
    PUBLIC3: 139,
}
#: told as public facts or drawn elsewhere too
_TOLD = frozenset(
    {
        "japan/data_set/list_2020_ip_subset.json#92918",
        "federal_register/section337_notices_2020_2024.jsonl#2021-02872",
        "federal_register/section337_notices_2020_2024.jsonl#2023-11462",
        "federal_register/section337_notices_2020_2024.jsonl#2023-09716",
    }
)
#: the matters of intellectual property among a court's news, too few for chance to find
_CHOSEN = tuple(f"ip_news/fedcourt_news.rss.xml#{number}" for number in (22, 31, 43, 89, 98))


def subject_of(file: str, record: TagInput) -> str:
    """What must not be drawn twice: the product of an investigation, the docket number, or the record itself."""
    if file.startswith(("federal_register/section337", "usitc_")):
        product = re.search(r"Certain (.*?)(?:;|:|,? Institution|,? Notice|,? Inv\.| \(|$)", record.title)
        return re.sub(r"\W+", " ", (product[1] if product else record.title).lower()).strip()
    return f"{file} {record.title}"


def draw(data: Path) -> list[str]:
    """The references of the first set, in the order of the files."""
    chance = random.Random(SEED)
    drawn = list(_CHOSEN)
    subjects: set[str] = set()
    for file in (PUBLIC, *sorted(READERS, key=lambda f: len(records_in(f, data)))):
        drawn += _some(chance, file, data, COUNTS.get(file, 1), subjects, frozenset({*_TOLD, *_CHOSEN}))
    return drawn


def draw_second(data: Path) -> list[str]:
    """The references of the second set: nothing that the first holds, and no product of it."""
    first = draw(data)
    files = {reference: reference.partition("#") for reference in first}
    subjects = {subject_of(file, records_in(file, data)[key]) for file, _, key in files.values()}
    chance = random.Random(SEED + 1)
    drawn: list[str] = []
    for file, count in COUNTS2.items():
        drawn += _some(chance, file, data, count, subjects, frozenset({*_TOLD, *first}))
    return drawn


def draw_third(data: Path) -> list[str]:
    """The references of the third set: nothing that the first two hold, and no product of theirs."""
    before = [*draw(data), *draw_second(data)]
    files = {reference: reference.partition("#") for reference in before}
    subjects = {subject_of(file, records_in(file, data)[key]) for file, _, key in files.values()}
    chance = random.Random(SEED + 2)
    drawn: list[str] = []
    for file, count in COUNTS3.items():
        drawn += _some(chance, file, data, count, subjects, frozenset({*_TOLD, *before}))
    return drawn


def _some(
    chance: random.Random, file: str, data: Path, count: int, subjects: set[str], barred: frozenset[str]
) -> list[str]:
    records = records_in(file, data)
    drawn: list[str] = []
    for key in chance.sample(sorted(records), len(records)):
        subject = subject_of(file, records[key])
        reference = f"{file}#{key}"
        if len(drawn) < count and subject not in subjects and reference not in barred:
            subjects.add(subject)
            drawn.append(reference)
    return drawn


if __name__ == "__main__":
    where = Path(sys.argv[1])
    print(*draw(where), *draw_second(where), *draw_third(where), sep="\n")
