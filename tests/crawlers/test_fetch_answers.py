"""What comes back: bytes, headers, statuses; pages where a feed is due, and challenges."""

from __future__ import annotations

from dataclasses import replace

import pytest
from werkzeug import Response

from core.errors import FetchFailed, SourceBlocked, SourceDrifted
from crawlers.fetch import (
    Fetched,
    FetchRequest,
    NotModified,
)
from tests.conftest import NOW
from tests.crawlers.sites import (
    FEED,
    PAGE,
    SPEC,
    MakeFetcher,
    Site,
    ask,
    bytes_of,
    feed,
    moved,
)


def test_the_bytes_come_unaltered_with_what_the_headers_claim(site: Site, make_fetcher: MakeFetcher) -> None:
    site.pages["/feed.xml"] = feed(
        Content_Type="text/xml; Charset=iso-8859-1",
        ETag='"v1"',
        Last_Modified="Sun, 01 Mar 2026 08:00:00 GMT",
    )
    assert make_fetcher(site.port).fetch(ask(site.url()), SPEC) == Fetched(
        url=site.url(),
        content=FEED,  # UTF-8, whatever the header says: the parser decides
        fetched_at=NOW,
        content_type="text/xml; Charset=iso-8859-1",
        charset="iso-8859-1",
        etag='"v1"',
        last_modified="Sun, 01 Mar 2026 08:00:00 GMT",
    )


def test_validators_are_sent_and_a_304_is_word_that_nothing_changed(
    site: Site, make_fetcher: MakeFetcher
) -> None:
    site.pages["/feed.xml"] = Response(status=304)
    request = ask(site.url(), etag='"v1"', last_modified="Sun, 01 Mar 2026 08:00:00 GMT")
    assert make_fetcher(site.port).fetch(request, SPEC) == NotModified(site.url(), NOW)
    assert site.seen[-1].headers["If-None-Match"] == '"v1"'
    assert site.seen[-1].headers["If-Modified-Since"] == "Sun, 01 Mar 2026 08:00:00 GMT"


def test_a_search_interface_is_asked_by_post_without_conditions(
    site: Site, make_fetcher: MakeFetcher
) -> None:
    spec = replace(SPEC, post_json='{"q": "甲"}', media_types=("application/json",))
    site.pages["/feed.xml"] = lambda request: Response(request.get_data(), content_type="application/json")
    request = FetchRequest(
        "test_court", site.url(), etag='"1"', last_modified="Mon, 02 Mar 2026 09:00:00 GMT"
    )
    answer = make_fetcher(site.port).fetch(request, spec)
    assert isinstance(answer, Fetched)
    assert answer.content.decode() == '{"q": "甲"}'
    asked = site.seen[-1]
    assert (asked.method, asked.headers["Content-Type"]) == ("POST", "application/json")
    assert "If-None-Match" not in asked.headers
    assert [r.method for r in site.seen if r.path == "/robots.txt"] == ["GET"]


@pytest.mark.parametrize(("status", "method"), [(302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")])
def test_a_redirected_question_is_asked_again_only_where_http_says_so(
    site: Site, make_fetcher: MakeFetcher, status: int, method: str
) -> None:
    response = moved("/there")
    response.status_code = status
    site.pages["/feed.xml"] = response
    site.pages["/there"] = Response(b"{}", content_type="application/json")
    spec = replace(SPEC, post_json="{}", media_types=("application/json",))
    make_fetcher(site.port).fetch(ask(site.url()), spec)
    assert site.seen[-1].method == method


def test_a_304_that_was_not_asked_for_is_a_failure(site: Site, make_fetcher: MakeFetcher) -> None:
    site.pages["/feed.xml"] = Response(status=304)
    with pytest.raises(FetchFailed, match="HTTP 304"):
        make_fetcher(site.port).fetch(ask(site.url()), SPEC)


def test_a_validator_that_cannot_be_sent_back_is_neither_kept_nor_sent(
    site: Site, make_fetcher: MakeFetcher
) -> None:
    site.pages["/feed.xml"] = feed(ETag='"é"')
    answer = make_fetcher(site.port).fetch(ask(site.url(), etag='"é"'), SPEC)
    assert isinstance(answer, Fetched)
    assert answer.etag is None
    assert "If-None-Match" not in site.seen[-1].headers


def test_the_site_learns_who_asks_even_when_the_contact_is_not_ascii(
    site: Site, make_fetcher: MakeFetcher
) -> None:
    make_fetcher(site.port, user_agent="Seamark/0.1 (+中心)").fetch(ask(site.url()), SPEC)
    assert {request.headers["User-Agent"] for request in site.seen} == {"Seamark/0.1 (+)"}


@pytest.mark.parametrize("status", [401, 403, 451])
def test_a_refusal_is_told_as_one_and_not_repeated(
    site: Site, make_fetcher: MakeFetcher, status: int
) -> None:
    site.pages["/feed.xml"] = Response(PAGE, status=status)
    with pytest.raises(SourceBlocked, match=f"HTTP {status}"):
        make_fetcher(site.port).fetch(ask(site.url()), SPEC)
    assert site.asked() == 1


@pytest.mark.parametrize("status", [204, 206, 400, 404, 410, 501])
def test_a_status_that_will_not_pass_is_not_repeated(
    site: Site, make_fetcher: MakeFetcher, status: int
) -> None:
    site.pages["/feed.xml"] = Response(status=status)
    with pytest.raises(FetchFailed, match=f"HTTP {status}"):
        make_fetcher(site.port).fetch(ask(site.url()), SPEC)
    assert site.asked() == 1


def test_no_message_repeats_the_query_of_an_address(site: Site, make_fetcher: MakeFetcher) -> None:
    site.pages["/feed.xml"] = Response(status=404)
    with pytest.raises(FetchFailed) as caught:
        make_fetcher(site.port).fetch(ask(site.url("/feed.xml?key=hunter2")), SPEC)
    assert site.seen[-1].query_string == b"key=hunter2"
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        ("text/html; charset=utf-8", PAGE),
        ("application/rss+xml", PAGE),
        ("text/xml", b"\xef\xbb\xbf \n<!-- moved --><html><body/></html>"),
        ("", PAGE),
        ("application/json", b"{}"),
        ("text/plain", FEED),
    ],
)
def test_a_page_where_a_feed_is_due_is_drift(
    site: Site, make_fetcher: MakeFetcher, content_type: str, content: bytes
) -> None:
    page = feed(content, Content_Type=content_type)
    if not content_type:
        del page.headers["Content-Type"]
    site.pages["/feed.xml"] = page
    with pytest.raises(SourceDrifted, match=r"application/rss\+xml or text/xml is due"):
        make_fetcher(site.port).fetch(ask(site.url()), SPEC)
    assert site.asked() == 1


def test_a_feed_without_a_content_type_is_left_to_the_parser(site: Site, make_fetcher: MakeFetcher) -> None:
    page = feed()
    del page.headers["Content-Type"]
    site.pages["/feed.xml"] = page
    answer = make_fetcher(site.port).fetch(ask(site.url()), SPEC)
    assert isinstance(answer, Fetched)
    assert (answer.content, answer.content_type, answer.charset) == (FEED, "", None)


def test_a_page_is_taken_where_a_page_is_due(site: Site, make_fetcher: MakeFetcher) -> None:
    site.pages["/feed.xml"] = feed(PAGE, Content_Type="text/html")
    spec = replace(SPEC, media_types=("text/html",))
    assert bytes_of(make_fetcher(site.port).fetch(ask(site.url()), spec)) == PAGE


CHALLENGES = [
    ("Cloudflare", 403, "<title>Just a moment...</title><script>window._cf_chl_opt={}</script>"),
    ("Cloudflare", 503, "<title>Just a moment...</title>"),
    ("Incapsula", 200, '<iframe id="main-iframe" src="/_Incapsula_Resource?SWUDNSAI=31&xinfo=1"></iframe>'),
    (
        "Incapsula",
        200,
        '<META NAME="robots" CONTENT="noindex,nofollow"><script src="/_Incapsula_Resource?SWJIYLWA=7"></script>',
    ),
    (
        "Akamai",
        403,
        "<H1>Access Denied</H1>Reference https&#58;&#47;&#47;errors&#46;edgesuite&#46;net&#47;18",
    ),
    ("Akamai", 200, '<meta http-equiv="refresh" content="5; URL=/?bm-verify=AAQ"/>'),
    ("DataDome", 403, '<script src="https://ct.captcha-delivery.com/c.js"></script>'),
    ("AWS WAF", 202, "<script>AwsWafIntegration.saveReferrer();</script>"),
    ("F5", 200, "<title>Request Rejected</title>"),
]


@pytest.mark.parametrize(("vendor", "status", "content"), CHALLENGES)
@pytest.mark.parametrize("media", ["text/xml", "text/html"])
def test_a_challenge_page_is_recognised_whether_a_feed_or_a_page_is_due(
    site: Site, make_fetcher: MakeFetcher, vendor: str, status: int, content: str, media: str
) -> None:
    site.pages["/feed.xml"] = Response(
        f"<html><head></head><body>{content}</body></html>", status=status, content_type="text/html"
    )
    with pytest.raises(SourceBlocked, match=f"challenge page of {vendor}"):
        make_fetcher(site.port).fetch(ask(site.url()), replace(SPEC, media_types=(media,)))
    assert site.asked() == 1


@pytest.mark.parametrize(
    ("name", "value", "vendor"),
    [("cf-mitigated", "challenge", "Cloudflare"), ("x-amzn-waf-action", "challenge", "AWS WAF")],
)
def test_a_challenge_is_recognised_by_its_header_alone(
    site: Site, make_fetcher: MakeFetcher, name: str, value: str, vendor: str
) -> None:
    site.pages["/feed.xml"] = Response(status=503, headers={name: value})
    with pytest.raises(SourceBlocked, match=vendor):
        make_fetcher(site.port).fetch(ask(site.url()), SPEC)


@pytest.mark.parametrize(
    ("media", "content"),
    [
        ("text/xml", b"<rss><title>Just a moment... _cf_chl_opt v. Incapsula, bm-verify</title></rss>"),
        ("text/html", b'<html><script src="/_Incapsula_Resource?SWJIYLWA=7"></script>Cases</html>'),
        (
            "text/html",
            b'<html><script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script></html>',
        ),
        ("text/html", b"<html>Imperva, Inc. v. Cloudflare, Inc.: access denied, captcha</html>"),
    ],
)
def test_what_only_mentions_a_vendor_is_no_challenge(
    site: Site, make_fetcher: MakeFetcher, media: str, content: bytes
) -> None:
    site.pages["/feed.xml"] = feed(content, Content_Type=media)
    spec = replace(SPEC, media_types=(media,))
    assert bytes_of(make_fetcher(site.port).fetch(ask(site.url()), spec)) == content
