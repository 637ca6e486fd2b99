"""When two descriptions are the same case: each forum's numbers in every spelling its own sources use."""

from __future__ import annotations

import pytest

from cases.identity import docket_key

ITC, PTAB, UPC, GB = "v.us.itc", "v.us.ptab", "v.upc", "v.gb.pat"


@pytest.mark.parametrize(
    ("venue", "spellings"),
    [
        ("v.us.ded", ["1:09-cv-00189-GMS", "1:09-cv-189", "1:2009-cv-00189"]),
        (ITC, ["337-TA-1458", "337-1458", "Inv. No. 337-TA-1458", "Investigation No. 337-TA-1458 (Violation)",
               "337‐TA‐1458", "TA-337-1458", "337-01458"]),
        # before institution there is a docket number only
        (ITC, ["337-3673", "337-TA-3673", "Docket No. 3673", "DN 3673", "dn-3673"]),
        (ITC, ["731-TA-1103", "731-1103"]),
        (ITC, ["337-TA-045", "337-45"]),
        (PTAB, ["IPR2024-00123", "ipr2024-123", "IPR2024 00123", "Case IPR2024-00123"]),
        (UPC, ["UPC_CFI_123/2024", "UPC-CFI-123/2024", "UPC CFI 123/2024", "UPC-CFI-0000123/2024", "upc_cfi_123/2024"]),
        (UPC, ["UPC_CoA_53/2026", "UPC-COA-0000053/2026"]),
        (UPC, ["ACT_551054/2023", "ACT-551054/2023", "Act_0551054/2023"]),
        (GB, ["[2022] EWHC 941 (IPEC)", "2022 EWHC 941 IPEC", "[2022] EWHC 0941 (ipec)", "(2022) EWHC 941 (IPEC)"]),
        (GB, ["[2025] EWCA Civ 673", "[2025]EWCA Civ 673"]),
        (GB, ["IP-2020-000080", "IP‐2020‐000080"]),
    ],
)  # fmt: skip
def test_one_number_has_one_key_however_it_is_written(venue: str, spellings: list[str]) -> None:
    assert len({docket_key(venue, spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("venue", "numbers"),
    [
        # a query by number answers with every number that begins so
        (ITC, ["337-TA-145", "337-TA-1451", "337-TA-1453", "731-TA-145", "701-TA-145"]),
        (PTAB, ["IPR2024-00123", "PGR2024-00123", "IPR2023-00123", "IPR2024-01230"]),
        (UPC, ["UPC_CFI_123/2024", "UPC_CoA_123/2024", "UPC_CFI_123/2023", "ACT_123/2024", "APL_123/2024"]),
        (GB, ["[2022] EWHC 941 (IPEC)", "[2022] EWHC 941 (Pat)", "[2022] EWHC 941 (Ch)", "[2022] EWCA Civ 941",
              "[2022] EWCA Crim 941", "[2022] UKSC 941"]),
    ],
)  # fmt: skip
def test_other_numbers_have_other_keys(venue: str, numbers: list[str]) -> None:
    assert len({docket_key(venue, number) for number in numbers}) == len(numbers)


def test_a_forums_spelling_counts_at_that_forum_only() -> None:
    assert docket_key("v.us.cafc", "337-1458") == "337-1458"
    assert docket_key("v.de.lg", "UPC CFI 1/2024") == "upccfi1/2024"


@pytest.mark.parametrize("venue", [ITC, PTAB, UPC, GB])
@pytest.mark.parametrize(
    "number", ["", "FR Doc. 2020-00509", "337-TA-", "UPC_CFI_/2024", "案号一", "[2022] XYZ 1"]
)
def test_a_number_of_no_known_form_is_kept_as_it_is(venue: str, number: str) -> None:
    assert docket_key(venue, number) == docket_key(venue, docket_key(venue, number))
