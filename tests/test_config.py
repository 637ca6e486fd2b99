"""Settings: a wrong value names the variable, the value and a valid example; a secret is never printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import ROOT, SETTINGS, load_settings, settings_table
from core.errors import SettingInvalid

WRONG = {
    "SEAMARK_PORT": "eighty",
    "SEAMARK_DATABASE_URL": "mysql://x",
    "SEAMARK_ELASTICSEARCH_URL": "localhost:9200",
    "SEAMARK_SMTP_URL": "postoffice",
    "SEAMARK_MAIL_FROM": "nobody",
    "SEAMARK_BASE_URL": "seamark.local",
    "SEAMARK_WEBHOOK_ALLOW": "localhost",
    "SEAMARK_SMS_URL": "gateway:9",
    "SEAMARK_SMS_TAKEN": "ok",
    "SEAMARK_HTTPS": "yes",
    "SEAMARK_ZONE": "Beijing",
    "SEAMARK_LOG_LEVEL": "LOUD",
    "SEAMARK_LOG_FORMAT": "xml",
    "SEAMARK_SECRET_KEY": "short",
    "SEAMARK_FETCH_ALLOW": "localhost",
    "SEAMARK_FETCH_TIMEOUT": "0",
    "SEAMARK_THREADS": "-1",
    "SEAMARK_CENTRE_KEY": "c2hvcnQ=",
}


@pytest.mark.parametrize(("variable", "value"), WRONG.items())
def test_a_wrong_value_names_the_variable_and_an_example(variable: str, value: str, tmp_path: Path) -> None:
    setting = next(s for s in SETTINGS if s.variable == variable)
    with pytest.raises(SettingInvalid) as caught:
        load_settings({"SEAMARK_HOME": str(tmp_path), variable: value})
    assert variable in str(caught.value)
    assert setting.example in str(caught.value)
    assert (value in str(caught.value)) is not setting.is_secret


def test_a_misspelt_variable_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingInvalid, match="SEAMARK_DATABSE_URL"):
        load_settings({"SEAMARK_HOME": str(tmp_path), "SEAMARK_DATABSE_URL": "sqlite://"})


def test_a_mail_server_needs_a_sender(tmp_path: Path) -> None:
    given = {"SEAMARK_HOME": str(tmp_path), "SEAMARK_SMTP_URL": "smtp://mail"}
    with pytest.raises(SettingInvalid, match="SEAMARK_MAIL_FROM"):
        load_settings(given)
    assert load_settings({**given, "SEAMARK_MAIL_FROM": "海标 <n@example.org>"}).smtp_url


@pytest.mark.parametrize("sender", ["a@b\r\nBcc: x@y.z", "Name <a@b\n>", "a@b, c@d", "<a@b", "N\n <a@b>"])
def test_a_sender_that_bends_headers_is_refused(tmp_path: Path, sender: str) -> None:
    with pytest.raises(SettingInvalid, match="SEAMARK_MAIL_FROM"):
        load_settings({"SEAMARK_HOME": str(tmp_path), "SEAMARK_MAIL_FROM": sender})


def test_links_lead_to_where_the_server_listens_unless_told(tmp_path: Path) -> None:
    assert load_settings({"SEAMARK_HOME": str(tmp_path)}).base_url == "http://127.0.0.1:8000"


def test_no_secret_is_shown(tmp_path: Path) -> None:
    settings = load_settings(
        {
            "SEAMARK_HOME": str(tmp_path),
            "SEAMARK_DATABASE_URL": "postgresql://u:topsecret@h/d",
            "SEAMARK_SECRET_KEY": "k" * 40,
        }
    )
    assert "topsecret" not in repr(settings)
    assert "k" * 40 not in repr(settings)


def test_the_signing_key_is_made_once_and_kept_for_its_owner_alone(tmp_path: Path) -> None:
    first = load_settings({"SEAMARK_HOME": str(tmp_path)}).secret_key
    assert load_settings({"SEAMARK_HOME": str(tmp_path)}).secret_key == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_a_home_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SettingInvalid, match="SEAMARK_HOME"):
        load_settings({"SEAMARK_HOME": str(tmp_path / "file" / "home")})


def test_the_table_in_the_docs_is_the_programs() -> None:
    assert (ROOT / "docs" / "settings.md").read_text().endswith(settings_table())


@pytest.mark.parametrize(
    "fields",
    ["text={text}", "to={to}", "to={to}&text={text}{text}", "{", '{"to": "{to}", "text": 3}', "[]",
     "to={to}&text=" + "字" * 30 + "{text}"],
)  # fmt: skip
def test_a_template_of_an_sms_that_cannot_serve_is_refused_without_showing_it(
    tmp_path: Path, fields: str
) -> None:
    with pytest.raises(SettingInvalid, match="SEAMARK_SMS_FIELDS") as refused:
        load_settings({"SEAMARK_HOME": str(tmp_path), "SEAMARK_SMS_FIELDS": fields})
    assert "(hidden)" in str(refused.value)


def test_a_site_with_a_long_name_sends_no_sms(tmp_path: Path) -> None:
    environ = {
        "SEAMARK_HOME": str(tmp_path),
        "SEAMARK_SMS_URL": "https://sms.example.org/send",
        "SEAMARK_BASE_URL": "https://a-very-long-name.of-a-site.example.org",
    }
    with pytest.raises(SettingInvalid, match="no room"):
        load_settings(environ)
