"""The translation service is asked in LibreTranslate's words, and whatever it answers is no danger."""

from __future__ import annotations

import json

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.errors import FetchFailed
from crawlers.translator import LibreTranslator

LANGUAGES = [
    {"code": "en", "name": "English", "targets": ["zh"]},
    {"code": "zh", "name": "Chinese", "targets": ["en"]},
]


class Service:
    """A service with the documented shape that "translates" by a mark."""

    def __init__(self, server: HTTPServer, code: str = "zh") -> None:
        self.asked: list[dict[str, object]] = []
        server.expect_request("/languages").respond_with_json(
            [*LANGUAGES[:1], {**LANGUAGES[1], "code": code}]
        )
        server.expect_request("/translate", method="POST").respond_with_handler(self._translate)

    def _translate(self, request: Request) -> Response:
        body = request.get_json()
        self.asked.append(body)
        return Response(
            json.dumps({"translatedText": [f"译{q}" if q else "" for q in body["q"]]}),
            content_type="application/json",
        )


def test_paragraphs_are_sent_as_documented_and_come_back_in_order(httpserver: HTTPServer) -> None:
    service = Service(httpserver)
    translate = LibreTranslator(httpserver.url_for("/"), "secret-key")
    assert translate("First.\n\nSecond.", "en-US") == "译First.\n\n译Second."
    assert service.asked == [
        {
            "q": ["First.", "", "Second."],
            "source": "en",
            "target": "zh",
            "format": "text",
            "api_key": "secret-key",
        }
    ]


def test_a_newer_service_names_simplified_chinese_otherwise(httpserver: HTTPServer) -> None:
    service = Service(httpserver, "zh-Hans")
    LibreTranslator(httpserver.url_for(""))("Hello", "")
    assert service.asked[0]["target"] == "zh-Hans"
    assert service.asked[0]["source"] == "auto"
    assert "api_key" not in service.asked[0]


def test_a_long_paragraph_is_cut_between_sentences_and_loses_nothing(httpserver: HTTPServer) -> None:
    service = Service(httpserver)
    text = "A sentence of some words. " * 900
    made = LibreTranslator(httpserver.url_for(""))(text, "en")
    pieces = [piece for request in service.asked for piece in request["q"]]  # type: ignore[attr-defined]
    assert "".join(pieces) == text
    assert all(len(piece) <= 2000 and piece.endswith((". ", ".")) for piece in pieces)
    assert max(len(request["q"]) for request in service.asked) <= 8  # type: ignore[arg-type]
    assert made.count("译") == len(pieces)


@pytest.mark.parametrize(
    "answer",
    [
        Response("{}", content_type="application/json"),
        Response('{"translatedText": "one text"}', content_type="application/json"),
        Response('{"translatedText": ["a", "b"]}', content_type="application/json"),
        Response('{"translatedText": [1]}', content_type="application/json"),
        Response("<html>", content_type="text/html"),
        Response('{"error": "Slowdown"}', status=429, content_type="application/json"),
        Response("x" * 2_100_000, content_type="application/json"),
        Response(status=302, headers={"Location": "http://127.0.0.1:1/"}),
    ],
    ids=["nothing", "text", "too-many", "number", "html", "429", "endless", "elsewhere"],
)
def test_anything_but_a_translation_is_a_clear_error(httpserver: HTTPServer, answer: Response) -> None:
    httpserver.expect_request("/languages").respond_with_json(LANGUAGES)
    httpserver.expect_request("/translate").respond_with_response(answer)
    with pytest.raises(FetchFailed, match="translation service"):
        LibreTranslator(httpserver.url_for(""))("Hello", "en")


def test_a_service_without_chinese_or_that_is_away_says_so(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/languages").respond_with_json(LANGUAGES[:1])
    with pytest.raises(FetchFailed, match="does not know Chinese"):
        LibreTranslator(httpserver.url_for(""))("Hello", "en")
    with pytest.raises(FetchFailed, match="cannot be reached"):
        LibreTranslator("http://127.0.0.1:9")("Hello", "en")
