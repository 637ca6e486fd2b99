"""The servers that misbehave, for every test of fetching."""

from tests.crawlers.sites import connected, make_fetcher, names, naps, raw, site, ticks

__all__ = ["connected", "make_fetcher", "names", "naps", "raw", "site", "ticks"]
