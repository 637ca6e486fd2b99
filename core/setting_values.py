"""Readers of setting values: a text from the environment becomes what is meant, or ValueError says what it must be."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.vault import parse_key


def folder(value: str) -> Path:
    """A folder, absolute; ``~`` is the home of whoever runs this."""
    return Path(value).expanduser().resolve()


def database_url(value: str) -> str:
    """The URL of SQLite or PostgreSQL, with the driver named; "" stays so."""
    scheme = value.split("://", 1)[0]
    if value == "" or scheme in ("sqlite", "postgresql+psycopg"):
        return value
    if scheme in ("postgresql", "postgres"):
        return "postgresql+psycopg" + value[len(scheme) :]
    raise ValueError("must be an SQLite or PostgreSQL URL")


def http_url(value: str) -> str:
    """An http or https URL without its last slash, or ""."""
    if value and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname):
        raise ValueError("must be an http or https URL")
    return value.rstrip("/")


def smtp_url(value: str) -> str:
    """An smtp or smtps URL, or ""."""
    if value and (urlsplit(value).scheme not in ("smtp", "smtps") or not urlsplit(value).hostname):
        raise ValueError("must be an smtp or smtps URL")
    return value


def scanner_url(value: str) -> str:
    """Where a daemon listens: tcp://host:port or unix:///path, or ""."""
    parts = urlsplit(value)
    if value and not ((parts.scheme == "tcp" and parts.hostname) or (parts.scheme == "unix" and parts.path)):
        raise ValueError("must be tcp://host:port or unix:///path")
    return value


def mailbox(value: str) -> str:
    """An e-mail address, with or without a name before it, or ""."""
    if value and not re.fullmatch(r"[^<>\x00-\x1f@]*<[^<>\s@]+@[^<>\s@]+>|[^<>\s@]+@[^<>\s@]+", value):
        raise ValueError("must be an e-mail address, or a name and an address in angle brackets")
    return value


def sms_fields(value: str) -> str:
    """What an SMS gateway wants: a JSON object or a form with ``{to}`` and ``{text}``."""
    if value.startswith("{"):
        try:
            made = json.loads(value)
        except ValueError as error:
            raise ValueError("must be a JSON object or a form") from error
        values = [str(each) for each in made.values()]
        if not all(isinstance(each, str) for each in made.values()):
            raise ValueError("must be a JSON object whose values are strings")
    else:
        values = [each for _, each in parse_qsl(value, keep_blank_values=True)]
    if not any("{to}" in each for each in values) or sum(each.count("{text}") for each in values) != 1:
        raise ValueError("must have a field with {to} and one with {text}")
    if max(len(each) for each in values if "{text}" in each) > 26:
        raise ValueError("leaves {text} too little of the 70 characters an SMS holds")
    return value


def pair(value: str) -> str:
    """field=value, or ""."""
    if value and not re.fullmatch(r"[^=]+=[^=]*", value):
        raise ValueError("must be field=value")
    return value


def one_of(*allowed: str) -> Callable[[str], str]:
    """A reader of one of ``allowed``."""

    def parse(value: str) -> str:
        if value not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return value

    return parse


def switch(value: str) -> bool:
    """1 is on, 0 is off."""
    if value not in ("0", "1"):
        raise ValueError("must be 1 (on) or 0 (off)")
    return value == "1"


def whole(least: int, most: int) -> Callable[[str], int]:
    """A reader of whole numbers from ``least`` to ``most``."""

    def parse(value: str) -> int:
        if not re.fullmatch(r"\d{1,9}", value) or not least <= int(value) <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(value)

    return parse


def zone(value: str) -> str:
    """An IANA time zone."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("must be an IANA time zone") from error
    return value


def secret(value: str) -> str:
    """A secret of at least 32 characters, or ""."""
    if value and len(value) < 32:
        raise ValueError("must have at least 32 characters")
    return value


def addresses(value: str) -> frozenset[str]:
    """Pairs host:port between commas."""
    parts = [part.strip() for part in value.split(",") if part.strip()]
    if not all(re.fullmatch(r"\[?[0-9a-zA-Z.:-]+\]?:\d{1,5}", part) for part in parts):
        raise ValueError("must be a comma-separated list of host:port")
    return frozenset(parts)


def names(value: str) -> tuple[str, ...]:
    """Words between commas."""
    return tuple(part.strip() for part in value.split(",") if part.strip())


def keys(value: str) -> tuple[bytes, ...]:
    """Master keys in base64 between commas, the one in use first."""
    return tuple(parse_key(part) for part in names(value))
