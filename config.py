"""Every setting, typed, from the environment, checked with a message that says how to mend it.

Nothing else reads the environment. ``docs/settings.md`` is generated from :data:`SETTINGS` (``make docs``).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import setting_values as read
from core.errors import SettingInvalid
from core.vault import kept_key

ROOT = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Setting:
    """One environment variable: its field in :class:`Settings`, its default, what it means and a valid example."""

    variable: str
    field: str
    default: str
    parse: Callable[[str], Any]
    meaning: str
    example: str
    is_secret: bool = False


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "SEAMARK_HOME", "home", "var", read.folder, "Folder for everything Seamark keeps.", "/srv/seamark"
    ),
    Setting(
        "SEAMARK_DATABASE_URL",
        "database_url",
        "",
        read.database_url,
        "The system of record. Empty: SQLite in the home folder.",
        "postgresql://seamark@db/seamark",
        is_secret=True,
    ),
    Setting(
        "SEAMARK_EVIDENCE_URL",
        "evidence_url",
        "",
        str,
        "Evidence store, any fsspec URL. Empty: a folder in the home folder.",
        "s3://bucket/evidence",
    ),
    Setting(
        "SEAMARK_ELASTICSEARCH_URL",
        "elasticsearch_url",
        "",
        read.http_url,
        "Elasticsearch, asked before the embedded index, which answers while it is away. Empty: the embedded index alone.",
        "http://search:9200",
        is_secret=True,
    ),
    Setting(
        "SEAMARK_SMTP_URL",
        "smtp_url",
        "",
        read.smtp_url,
        "The server mails leave by: smtp (STARTTLS where offered) or smtps. Empty: no mail is sent.",
        "smtps://user:secret@mail:465",
        is_secret=True,
    ),
    Setting(
        "SEAMARK_MAIL_FROM",
        "mail_from",
        "",
        read.mailbox,
        "Who mails come from. Needed with SEAMARK_SMTP_URL.",
        "Seamark 海标 <notices@ip-centre.example.org>",
    ),
    Setting(
        "SEAMARK_SMS_URL",
        "sms_url",
        "",
        read.http_url,
        "An HTTP gateway for SMS, posted to. Empty: none is sent.",
        "https://sms.example.org/send",
        is_secret=True,
    ),
    Setting(
        "SEAMARK_SMS_FIELDS",
        "sms_fields",
        "to={to}&text={text}&id={key}",
        read.sms_fields,
        "What is posted to the gateway: a form, or a JSON object of strings, with {to}, {text} and {key} in it.",
        '{"mobile": "{to}", "content": "【海标】{text}", "apikey": "secret"}',
        is_secret=True,
    ),
    Setting(
        "SEAMARK_SMS_TAKEN",
        "sms_taken",
        "",
        read.pair,
        "Field and value of the gateway's JSON answer that mean it took the message. Empty: HTTP 2xx means it.",
        "code=0",
    ),
    Setting(
        "SEAMARK_BASE_URL",
        "base_url",
        "",
        read.http_url,
        "Where readers find this site, for links in messages. Empty: the host and port the server listens on.",
        "https://seamark.example.org",
    ),
    Setting(
        "SEAMARK_WEBHOOK_ALLOW",
        "webhook_allow",
        "",
        read.addresses,
        "Host:port pairs a firm's webhook may have although they are private or plain http.",
        "gateway.internal:8443",
    ),
    Setting(
        "SEAMARK_TRANSLATE_URL",
        "translate_url",
        "",
        read.http_url,
        "A translation service of one's own with LibreTranslate's API; what it makes is marked. Empty: no translations.",
        "http://translate:5000",
    ),
    Setting(
        "SEAMARK_TRANSLATE_KEY",
        "translate_key",
        "",
        str,
        "The key of the translation service. Empty: it needs none.",
        "a-key-of-the-service",
        is_secret=True,
    ),
    Setting("SEAMARK_HOST", "host", "127.0.0.1", str, "Address the web server listens on.", "0.0.0.0"),
    Setting("SEAMARK_PORT", "port", "8000", read.whole(1, 65535), "Port the web server listens on.", "8000"),
    Setting(
        "SEAMARK_HTTPS",
        "https",
        "0",
        read.switch,
        "1 behind a proxy that ends TLS: cookies are marked secure and HSTS is sent.",
        "1",
    ),
    Setting(
        "SEAMARK_TRUSTED_PROXIES",
        "trusted_proxies",
        "0",
        read.whole(0, 5),
        "Proxies in front whose X-Forwarded headers count.",
        "1",
    ),
    Setting(
        "SEAMARK_SECRET_KEY",
        "secret_key",
        "",
        read.secret,
        "Signs sessions. Empty: made once and kept in the home folder.",
        "a random string of 64 characters",
        is_secret=True,
    ),
    Setting(
        "SEAMARK_ZONE",
        "zone",
        "Asia/Shanghai",
        read.zone,
        "Time zone of the centre's working day.",
        "Asia/Shanghai",
    ),
    Setting(
        "SEAMARK_LOG_LEVEL",
        "log_level",
        "INFO",
        read.one_of("DEBUG", "INFO", "WARNING", "ERROR"),
        "Least severe log line.",
        "INFO",
    ),
    Setting(
        "SEAMARK_LOG_FORMAT",
        "log_format",
        "console",
        read.one_of("console", "json"),
        "Shape of log lines.",
        "json",
    ),
    Setting(
        "SEAMARK_CONTACT",
        "contact",
        "https://example.org/seamark",
        str,
        "Named in the crawler's User-Agent, so that a site can reach you.",
        "mailto:ip-centre@example.org",
    ),
    Setting(
        "SEAMARK_SOURCES",
        "sources",
        "",
        read.names,
        "Sources to crawl on schedule, by id; none: no source. Empty: every live one.",
        "us_cafc,us_ttab",
    ),
    Setting(
        "SEAMARK_COURTS",
        "courts",
        "",
        read.names,
        "Courts of us_pacer_rss to crawl. Empty: all it knows.",
        "ilnd,txed,ded",
    ),
    Setting(
        "SEAMARK_MIRROR",
        "mirror",
        "",
        read.http_url,
        "A relay asked instead of the sites, at MIRROR/SOURCE or MIRROR/SOURCE/COURT, where they cannot be reached.",
        "https://relay.example.org/feeds",
    ),
    Setting(
        "SEAMARK_FETCH_TIMEOUT",
        "fetch_timeout",
        "60",
        read.whole(1, 600),
        "Seconds one answer of a source may take.",
        "60",
    ),
    Setting(
        "SEAMARK_FETCH_ALLOW",
        "fetch_allow",
        "",
        read.addresses,
        "Private host:port pairs the crawler may reach although they are private.",
        "127.0.0.1:9000",
    ),
    Setting(
        "SEAMARK_CENTRE_KEY",
        "centre_key",
        "",
        read.keys,
        "Encrypts the files of consultations: 32 bytes in base64; after a change the new one first, then the old, "
        "separated by commas. Empty: made once and kept in the home folder's keys/centre.key. Keep a copy elsewhere.",
        "the output of `openssl rand -base64 32`",
        is_secret=True,
    ),
    Setting(
        "SEAMARK_CLAMAV",
        "clamav",
        "",
        read.scanner_url,
        "A ClamAV daemon that looks at every private file before it is kept; while it cannot be asked, none is taken. "
        "Empty: files are told by their content alone.",
        "tcp://127.0.0.1:3310",
    ),
    Setting(
        "SEAMARK_RULE_SHARE",
        "rule_share",
        "2",
        read.whole(0, 100),
        "Percent of the stored cases that one person may change by a rule; what changes more needs a second person.",
        "2",
    ),
    Setting("SEAMARK_THREADS", "threads", "8", read.whole(1, 64), "Threads of the web server.", "8"),
    Setting(
        "SEAMARK_SCHEDULER",
        "scheduler",
        "1",
        read.switch,
        "0: the web process does not run the job table.",
        "0",
    ),
)


@dataclass(frozen=True)
class Settings:
    """Every setting, as the program uses it; the table :data:`SETTINGS` says what each means."""

    home: Path
    database_url: str
    evidence_url: str
    elasticsearch_url: str
    smtp_url: str
    mail_from: str
    sms_url: str
    sms_fields: str
    sms_taken: str
    base_url: str
    webhook_allow: frozenset[str]
    translate_url: str
    translate_key: str
    host: str
    port: int
    https: bool
    trusted_proxies: int
    secret_key: str
    zone: str
    log_level: str
    log_format: str
    contact: str
    sources: tuple[str, ...]
    courts: tuple[str, ...]
    mirror: str
    fetch_timeout: int
    fetch_allow: frozenset[str]
    centre_key: tuple[bytes, ...]
    clamav: str
    rule_share: int
    threads: int
    scheduler: bool

    def __repr__(self) -> str:
        shown = ", ".join(
            f"{s.field}={'***' if s.is_secret and getattr(self, s.field) else repr(getattr(self, s.field))}"
            for s in SETTINGS
        )
        return f"Settings({shown})"


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read every setting from ``environ`` (the process's own when None) and make the home folder.

    Raises:
        SettingInvalid: a value cannot be used, or a variable beginning SEAMARK_ is not a setting; the message names
            the variable, the value (unless secret) and a valid example.
    """
    given = os.environ if environ is None else environ
    _refuse_unknown(given)
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        text = given.get(setting.variable, setting.default).strip()
        try:
            values[setting.field] = setting.parse(text)
        except ValueError as error:
            shown = "(hidden)" if setting.is_secret else repr(text)
            raise SettingInvalid(
                f"{setting.variable} is {shown}: it {error}.",
                fix=f"Set it to something like {setting.example!r}.",
            ) from error
    home: Path = values["home"]
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingInvalid(
            f"SEAMARK_HOME is '{home}': the folder cannot be made ({error.strerror}).",
            fix="Set it to a folder you may write to, for example '/srv/seamark'.",
        ) from error
    if values["smtp_url"] and not values["mail_from"]:
        raise SettingInvalid(
            "SEAMARK_SMTP_URL is set and SEAMARK_MAIL_FROM is not: mails need a sender.",
            fix="Set it to something like 'Seamark 海标 <notices@ip-centre.example.org>'.",
        )
    values["base_url"] = values["base_url"] or f"http://{values['host']}:{values['port']}"
    if values["sms_url"] and len(values["base_url"]) > 36:
        raise SettingInvalid(
            f"SEAMARK_BASE_URL is {values['base_url']!r}: an SMS of 70 characters has no room for such a link.",
            fix="Give the site a shorter name, of at most 36 characters with https://, or unset SEAMARK_SMS_URL.",
        )
    values["database_url"] = values["database_url"] or f"sqlite:///{home / 'seamark.db'}"
    values["evidence_url"] = values["evidence_url"] or str(home / "evidence")
    values["secret_key"] = values["secret_key"] or _kept_secret(home / "secret_key")
    values["centre_key"] = values["centre_key"] or (kept_key(home / "keys"),)
    return Settings(**values)


#: read by the tests and the command line's start-up, not settings of the service
_NOT_SETTINGS = frozenset({"SEAMARK_REQUIRE_SERVICES", "SEAMARK_PROVE_ROUNDS", "SEAMARK_LOOKS"})


def _refuse_unknown(given: Mapping[str, str]) -> None:
    known = {setting.variable for setting in SETTINGS} | _NOT_SETTINGS
    unknown = sorted(name for name in given if name.startswith("SEAMARK_") and name not in known)
    if unknown:
        raise SettingInvalid(
            f"{unknown[0]} is not a setting of Seamark.",
            fix=f"Unset it, or see docs/settings.md for the name you meant ({', '.join(sorted(known)[:4])}, …).",
        )


def _kept_secret(path: Path) -> str:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        kept = path.read_text().strip()
        if len(kept) >= 32:
            return kept
        # A process killed between creating and writing leaves an empty file; its sessions never existed.
        path.unlink(missing_ok=True)
        return _kept_secret(path)
    secret = secrets.token_urlsafe(48)
    with os.fdopen(handle, "w") as stream:
        stream.write(secret)
    return secret


def requires_services() -> bool:
    """Whether a test suite must fail, not skip, where a service is missing (SEAMARK_REQUIRE_SERVICES=1)."""
    return os.environ.get("SEAMARK_REQUIRE_SERVICES") == "1"


def prove_rounds() -> int:
    """Rounds of the long proofs (SEAMARK_PROVE_ROUNDS; 50 in full)."""
    return read.whole(1, 10_000)(os.environ.get("SEAMARK_PROVE_ROUNDS", "50"))


def proves_in_full() -> bool:
    """Whether there are rounds enough for what a few cannot show, such as a fault that a kill meets by chance."""
    return prove_rounds() >= 10


def looks_at_all() -> bool:
    """Whether the walks look at each page in every language at every width and keep what they saw (SEAMARK_LOOKS=all, as
    unless said), or once a language and width (SEAMARK_LOOKS=two)."""
    return read.one_of("all", "two")(os.environ.get("SEAMARK_LOOKS", "all")) == "all"


def settings_table() -> str:
    """The Markdown table of ``docs/settings.md``."""
    rows = ["| variable | default | meaning | example |", "| --- | --- | --- | --- |"]
    rows += [
        f"| `{s.variable}` | {f'`{s.default}`' if s.default else '(empty)'} | {s.meaning} | `{s.example}` |"
        for s in SETTINGS
    ]
    return "\n".join(rows) + "\n"
