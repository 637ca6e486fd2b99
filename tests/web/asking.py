"""The questions of isolation, asked in one place: the suite asks them, and tests/mutations asks them again of a
program from which one check was taken away, where they must fail."""

from __future__ import annotations

from bs4 import BeautifulSoup

from tests.web.reading import main_text, page
from tests.web.world import Site


def _facet_counts(soup: BeautifulSoup) -> str:
    return " ".join(element.get_text(" ") for element in soup.select(".facets .count"))


def assert_b_sees_nothing_of_a(site: Site) -> None:
    """Firm A's alert, firm and match give firm B 404 or nothing."""
    b, ids = site.client("b"), site.ids
    for path in (f"/alerts/{ids['alert_alpha']}", f"/firms/{ids['firm_alpha']}"):
        assert b.get(path).status_code == 404, path
    for path in ("/alerts", "/", "/firm"):
        shown = page(b, path).decode()
        assert ids["alert_alpha"] not in shown, path
        assert ids["firm_alpha"] not in shown, path
    assert "1" in main_text(page(b, "/alerts")), "B's own alert is counted, A's is not"
    assert page(b, f"/cases/{ids['case']}").find(id="matches") is None


def assert_other_centre_sees_nothing_of_ours(site: Site) -> None:
    """Another centre's staff get 404 for our alerts, firms and jobs, and find none of them in lists."""
    other, ids = site.client("other"), site.ids
    for path in (f"/alerts/{ids['alert_alpha']}", f"/firms/{ids['firm_alpha']}"):
        assert other.get(path).status_code == 404, path
    for path in ("/alerts", "/firms", "/", "/candidates", "/jobs"):
        shown = page(other, path).decode()
        for name in ("alert_alpha", "alert_beta", "firm_alpha", "firm_beta", "job"):
            assert ids[name] not in shown, (path, name)
    assert page(other, f"/cases/{ids['case']}").find(id="matches") is None
    assert len(page(other, "/jobs").select("tbody tr")) == 1, "one job is theirs"


def assert_visitor_sees_no_candidates(site: Site, role: str = "visitor") -> None:
    """Candidates and dismissed cases are in no page, hit, total, facet or month of those who do not review."""
    client, ids = site.client(role), site.ids
    for name in ("candidate", "dismissed"):
        assert client.get(f"/cases/{ids[name]}").status_code == 404, name
    everything = page(client, "/cases")
    assert main_text(everything).count("3 cases") == 1
    assert all(int(count) <= 3 for count in _facet_counts(everything).split())
    for question in ("/cases?q=Quiet", "/cases?status=candidate&q=Quiet", "/cases?q=Slip"):
        assert "0 cases" in main_text(page(client, question)), question
    for path in ("/", "/cases", "/cases?status=candidate", "/cases?status=dismissed"):
        shown = page(client, path).decode()
        assert ids["candidate"] not in shown, path
        assert ids["dismissed"] not in shown, path
