"""Log lines: what happened, under which request, and never a secret from a crash's variables."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog

from core.log import configure_logging, run_context


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """The configuration is the process's; give it back."""
    kept = structlog.get_config()
    yield
    structlog.configure(**kept)


@pytest.mark.parametrize("as_json", [True, False])
def test_a_crash_is_told_without_its_variables(capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    configure_logging("INFO", as_json=as_json)
    secret = "-".join(["k7mq", "calm", "harbour"])
    try:
        raise ValueError(f"a form of {len(secret)} characters")
    except ValueError:
        structlog.get_logger("test").exception("request_crashed")
    told = capsys.readouterr().err
    assert "request_crashed" in told
    assert "a form of 17 characters" in told
    assert secret not in told


def test_every_line_of_a_run_carries_its_id(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", as_json=True)
    with run_context("job-crawl") as run_id:
        structlog.get_logger("test").info("visited")
    structlog.get_logger("test").info("after")
    inside, after = capsys.readouterr().err.splitlines()
    assert run_id in inside and run_id.startswith("job-crawl-")
    assert run_id not in after
