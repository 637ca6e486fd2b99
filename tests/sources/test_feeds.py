"""Reading bytes: encodings, dates, HTML, addresses."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import SourceDrifted
from crawlers.feeds import clean, clip, decode, epoch_date, forum_date, http_url, is_html, line, links, plain
from crawlers.source import Snapshot


def sent(content: bytes, charset: str | None = None) -> Snapshot:
    return Snapshot("x", "recording", content, "0" * 64, datetime(2026, 3, 2, tzinfo=UTC), charset=charset)


@pytest.mark.parametrize(
    ("content", "charset", "text"),
    [
        (b"\xef\xbb\xbfZ\xc3\xbcrich", None, "Zürich"),
        ("Zürich".encode("utf-16"), None, "Zürich"),
        (b"Z\xc3\xbcrich", "iso-8859-1", "Zürich"),
        (b"Z\xfcrich", "utf-8", "Zürich"),
        (b"Z\xfcrich \x93x\x94", "iso-8859-1", "Zürich “x”"),
        (
            b'<?xml version="1.0" encoding="ISO-8859-1"?>\xfc\x92',
            None,
            '<?xml version="1.0" encoding="ISO-8859-1"?>ü’',
        ),
        ("<meta charset=gb18030>中文".encode("gb18030"), None, "<meta charset=gb18030>中文"),
        (b"\xfc", "no-such-encoding", "ü"),
        (b"\xfc", "utf-16", "ü"),
        (b"\xfc", "base64", "ü"),
        (b"\x81\xfc", None, "\ufffdü"),
    ],
)
def test_the_bytes_decide_before_what_is_declared(content: bytes, charset: str | None, text: str) -> None:
    assert decode(sent(content, charset)) == text


def test_nothing_is_drift() -> None:
    with pytest.raises(SourceDrifted, match="empty"):
        decode(sent(b"\x00\n "))


@pytest.mark.parametrize(
    ("published", "day"),
    [
        ("", None),
        ("Tue, 22 May 2018 22:10:04 GMT", date(2018, 5, 22)),
        ("Wed, 23 May 2018 03:59:59 GMT", date(2018, 5, 22)),
        ("Wed, 23 May 2018 04:00:00 +0000", date(2018, 5, 23)),
        ("Wed, 23 May 2018 01:00:00 +0200", date(2018, 5, 22)),
        ("Fri, 03 Feb 2023 23:05:16 MST", date(2023, 2, 3)),
        ("3 February 2023", date(2023, 2, 3)),
        ("2023-02-03", date(2023, 2, 3)),
        ("2023-02-03T02:00:00Z", date(2023, 2, 2)),
        ("Sat, 31 Dec 2016 23:59:60 GMT", date(2016, 12, 31)),
    ],
)
def test_a_date_is_the_forums(published: str, day: date | None) -> None:
    assert forum_date(published, "America/New_York") == day


@pytest.mark.parametrize(
    "published",
    [
        "today",
        "32 Jan 2023",
        "Fri, 03 Feb 1823 10:00:00 GMT",
        "2023-02-30",
        "1 Jan 2023 25:00:00 GMT",
        "1 Jan 2023 10:00 +9900",
    ],
)
def test_what_is_no_date_is_said_to_be_none(published: str) -> None:
    with pytest.raises(ValueError):
        forum_date(published, "America/New_York")


@given(st.text(max_size=40))
def test_any_words_are_a_date_or_a_value_error(words: str) -> None:
    with contextlib.suppress(ValueError):
        forum_date(words, "America/Chicago")


@given(st.integers())
def test_any_number_is_a_day_or_a_value_error(number: int) -> None:
    with contextlib.suppress(ValueError):
        epoch_date(number, "America/New_York")


def test_html_becomes_words() -> None:
    assert plain("<p>A&amp;B <b>bo</b>ld<br/>next</p><!-- x > y --><script>z</script>") == "A&B bold next z"
    assert plain("1 < 2 and 3 > 2") == "1 < 2 and 3 > 2"
    assert plain("&lt;b&gt;") == "<b>"
    assert plain("<!-- never closed") == ""


def test_links_are_found_however_they_are_quoted() -> None:
    markup = """<a href='/x?a=1&amp;b=2'>1</a> <A class=q HREF="/y" >Two <b>2</b></A> <a href=/z>3</a><a name=n>4</a>"""
    assert list(links(markup)) == [("/x?a=1&b=2", "1"), ("/y", "Two 2"), ("/z", "3")]


def test_only_the_webs_addresses_pass() -> None:
    assert http_url("/doc1/1", "https://ecf.ded.uscourts.gov/x") == "https://ecf.ded.uscourts.gov/doc1/1"
    for bad in (
        "javascript:alert(1)",
        "ftp://a/b",
        "http://",
        "http://[1",
        "http://a/\nb",
        'http://a/"x',
        "",
        "mailto:a@b",
    ):
        assert http_url(bad) == ""


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_address_is_the_webs_or_nothing(address: str, base: str) -> None:
    url = http_url(address, base)
    assert url == "" or url.startswith(("http://", "https://"))


@given(st.text(max_size=200), st.integers(1, 50))
def test_cleaned_text_has_no_control_characters_and_keeps_its_limit(text: str, limit: int) -> None:
    for cleaned in (line(text, limit), clean(text, limit)):
        assert len(cleaned) <= limit
        assert not any(ord(c) < 32 and c != "\n" for c in cleaned)
        cleaned.encode()


def test_a_clip_is_marked() -> None:
    assert clip("abcdef", 4) == "abc…"
    assert clip("abcd", 4) == "abcd"


def test_a_page_is_told_from_a_feed() -> None:
    assert is_html("<!-- a --><!-- b -->\n<!DOCTYPE HTML PUBLIC>")
    assert is_html('<?xml version="1.0"?><html xmlns="x">')
    assert not is_html("<rss><!-- <html> --></rss>")
    assert not is_html("<!-- never closed")
    assert not is_html("<!--" * 20_000)
