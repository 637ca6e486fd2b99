"""How the items of the quality set were chosen: a draw with a fixed seed, so many from every file with readable text.

Of one investigation, docket or product only one item is drawn, so that the sealed part does not repeat what the rules
were tuned with. ``python -m tests.quality.draw DATA`` prints the references.
"""

from __future__ import annotations

import random
import re
import sys
from pathlib import Path

from tests.quality.labelled import PUBLIC, READERS, records_in
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
    """The references drawn, in the order of the files."""
    chance = random.Random(SEED)
    drawn = list(_CHOSEN)
    subjects: set[str] = set()
    for file in (PUBLIC, *sorted(READERS, key=lambda f: len(records_in(f, data)))):
        records = records_in(file, data)
        left = COUNTS.get(file, 1)
        for key in chance.sample(sorted(records), len(records)):
            subject = subject_of(file, records[key])
            if left and subject not in subjects and f"{file}#{key}" not in {*_TOLD, *_CHOSEN}:
                subjects.add(subject)
                drawn.append(f"{file}#{key}")
                left -= 1
    return drawn


if __name__ == "__main__":
    print(*draw(Path(sys.argv[1])), sep="\n")
