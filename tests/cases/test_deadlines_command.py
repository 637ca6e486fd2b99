"""`seamark deadlines` as a shell meets it."""

from __future__ import annotations

import json

from click.testing import CliRunner

from cases.deadlines.engine import deadlines_at
from cli import main


def run(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, ["deadlines", *words])
    return done.exit_code, done.stdout, done.stderr


def test_it_prints_one_json_array() -> None:
    code, out, _ = run("--venue", "v.us.itc", "--event", "service_of_complaint", "--date", "2026-11-02")
    (told,) = json.loads(out)
    assert code == 0 and out.count("\n") == 1
    assert (told["clock"], told["due"], told["rolled"]) == ("ck.us.itc_response", "2026-11-23", True)
    assert "仅供参考" in out, "Chinese stays readable"


def test_a_court_code_is_a_venue() -> None:
    code, out, _ = run("--venue", "ilnd", "--event", "tro_issued", "--date", "2026-03-02T09:30")
    assert code == 0 and json.loads(out)[0]["due"] == "2026-03-16T09:30:00-05:00"


def test_an_unknown_event_lists_those_of_the_venue_and_fails() -> None:
    code, out, err = run("--venue", "v.us.itc", "--event", "served", "--date", "2026-11-02")
    assert code == 2 and not out
    assert "'served' starts no clock" in err and "institution_published" in err


def test_what_is_missing_is_named() -> None:
    code, _, err = run("--venue", "v.us.itc")
    assert code == 2 and "--event" in err and "--list" in err


def test_the_list_names_the_events_of_a_forum_and_their_clocks() -> None:
    code, out, _ = run("--list", "--venue", "v.gb.ukipo")
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert {
        "venue": "v.gb.ukipo",
        "event": "mark_published",
        "clocks": ["ck.gb.tm_opposition"],
    }.items() <= lines[0].items()


def test_every_clock_of_every_forum_is_told_as_promised() -> None:
    # out: [{"clock", "event", "start", "due", "basis", "day", "rolled", "status", "alternatives", "disclaimer"}]; an
    # unverified clock has due: null.
    _, listed, _ = run("--list")
    unverified = 0
    for line in map(json.loads, listed.splitlines()):
        for deadline in deadlines_at(line["venue"], line["event"], "2028-02-29"):
            told = deadline.as_json()
            assert list(told) == [
                "clock", "event", "start", "due", "basis", "day", "rolled", "status", "alternatives", "disclaimer",
            ]  # fmt: skip
            assert (told["event"], told["clock"] in line["clocks"]) == (line["event"], True)
            assert told["basis"] and "仅供参考" in told["disclaimer"]
            if told["status"] == "unverified":
                unverified += 1
                assert told["due"] is None and all(option["due"] is None for option in told["alternatives"])
    assert unverified


def test_a_clock_of_hours_keeps_time_and_zone() -> None:
    code, out, _ = run("--venue", "ilnd", "--event", "tro_issued", "--date", "2026-03-02T09:30")
    told = json.loads(out)[0]
    assert code == 0
    assert (told["start"], told["due"]) == ("2026-03-02T09:30:00-06:00", "2026-03-16T09:30:00-05:00")
