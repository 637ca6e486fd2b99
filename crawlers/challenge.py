"""Recognising an answer that is not the source's own: a bot challenge, a refusal, a web page in a feed's place.

Marks are the vendors' own scripts, headers and titles, looked for in web pages only: a feed that names a vendor as
a party is no challenge, and neither is a page that runs a vendor's measuring script.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

#: how far into a page marks are looked for; challenge pages are short
LOOK = 65_536

_IS_HTML = re.compile(
    rb"\A\xef?\xbb?\xbf?\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,1000}?-->\s*){0,3}<(?:!doctype\s+html|html)\b",
    re.IGNORECASE | re.DOTALL,
)

#: (header, pattern of its value, vendor); proof by itself, whatever the body
_HEADERS = (
    ("cf-mitigated", r"challenge", "Cloudflare"),
    ("x-amzn-waf-action", r"challenge|captcha", "AWS WAF"),
)

#: (pattern in a web page, vendor). Left out on purpose, because ordinary pages behind the same vendors carry them too:
#: /cdn-cgi/challenge-platform/ (Cloudflare), SWJIYLWA outside an empty page (Incapsula), awswaf.com/challenge.js.
_PAGES = tuple(
    (re.compile(pattern, re.IGNORECASE), vendor)
    for pattern, vendor in (
        (rb"_cf_chl_opt|<title>\s*(?:just a moment\.\.\.|attention required! \| cloudflare)", "Cloudflare"),
        (rb"_Incapsula_Resource\?[CS]WUDNSAI=|>Request unsuccessful\. Incapsula incident ID", "Incapsula"),
        (rb"noindex, ?nofollow\"[^>]*>\s*<script[^>]*/_Incapsula_Resource\?SWJIYLWA", "Incapsula"),
        (rb"<title>\s*pardon our interruption", "Imperva"),
        (rb"errors(?:\.|&#46;)edgesuite(?:\.|&#46;)net|triggerInterstitialChallenge|bm-verify", "Akamai"),
        (rb"sec-if-cpt-container", "Akamai"),
        (rb"geo\.captcha-delivery\.com/|ct\.captcha-delivery\.com/[ci]\.js", "DataDome"),
        (rb"id=[\"']px-captcha[\"']", "HUMAN"),
        (rb"AwsWafIntegration\.(?:saveReferrer|checkForceRefresh)", "AWS WAF"),
        (rb"sucuri_cloudproxy_js|<title>\s*sucuri website firewall", "Sucuri"),
        (rb"<title>\s*request rejected\s*</title>", "F5"),
        (rb"__jsl_clearance", "Jiasule"),
    )
)


def is_html(content_type: str, body: bytes) -> bool:
    """Whether an answer is a web page, by its header or by how it begins."""
    return media_type(content_type) in ("text/html", "application/xhtml+xml") or begins_as_html(body)


def begins_as_html(body: bytes) -> bool:
    """Whether bytes begin as a web page does, whatever the header says."""
    return _IS_HTML.match(body[:4096]) is not None


def media_type(content_type: str) -> str:
    """``Text/HTML; charset=…`` as ``text/html``."""
    return content_type.partition(";")[0].strip().lower()


def challenger(headers: Mapping[str, str], body: bytes) -> str | None:
    """The vendor whose challenge or block page this answer is, or None."""
    for name, pattern, vendor in _HEADERS:
        if re.search(pattern, headers.get(name, ""), re.IGNORECASE):
            return vendor
    if not is_html(headers.get("content-type", ""), body):
        return None
    page = body[:LOOK]
    return next((vendor for pattern, vendor in _PAGES if pattern.search(page)), None)
