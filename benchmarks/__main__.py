"""`make bench`: every claim in turn, or only those named: ``python -m benchmarks ingest --cases 10000``."""

from __future__ import annotations

import argparse
import logging

from benchmarks import feed_to_mail, idle, ingest, matching, names, search, surge, tagging, watching

CLAIMS = {
    "ingest": ingest.main,
    "search": search.main,
    "tagging": tagging.main,
    "names": names.main,
    "watching": watching.main,
    "matching": matching.main,
    "surge": surge.main,
    "feed-to-mail": feed_to_mail.main,
    "idle": idle.main,
}


def main() -> None:
    """Run the claims."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("claims", nargs="*", choices=[*CLAIMS, []], help="which (default: all)")
    parser.add_argument(
        "--cases", type=int, default=100_000, help="generated cases for ingest and search (default 100,000)"
    )
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    for name in given.claims or CLAIMS:
        print(f"\n{name}: {CLAIMS[name].__doc__}")
        CLAIMS[name](given)


main()
