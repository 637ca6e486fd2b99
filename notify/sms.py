"""SMS through whatever HTTP gateway the deployment has: a URL, and a template of the fields it wants."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, urlencode, urlsplit

from core.errors import AddressRefused, DeliveryFailed
from core.outward.address import Resolve, pair_of, resolve
from core.said import said
from notify.channels import Parcel
from notify.posting import NoAnswer, Poster, Unreachable
from notify.rendering import units

#: what one message holds once it has a letter beyond Latin: 70 units of UTF-16 (3GPP TS 23.038)
MOST_UNITS = 70
SMS_SETTING = "SEAMARK_SMS_URL"


def parsed_fields(text: str) -> dict[str, str]:
    """The fields of SEAMARK_SMS_FIELDS, which config has checked: a JSON object, or a form."""
    return dict(json.loads(text)) if text.startswith("{") else dict(parse_qsl(text, keep_blank_values=True))


def _around(fields: dict[str, str]) -> int:
    """Units of what stands around the text in its field, such as a signature 【…】."""
    return next(units(value.replace("{text}", "")) for value in fields.values() if "{text}" in value)


class SmsChannel:
    """One POST a message, with the delivery's id as ``{key}`` and as Idempotency-Key.

    Args:
        url: the gateway's; the deployment chose it, so it may be private.
        template: see :func:`parsed_fields`.
        taken: ``field=value`` of a JSON answer that says the gateway took it; empty: HTTP 2xx says so.
        resolver, seconds: as for a webhook.
    """

    def __init__(
        self, url: str, template: str, taken: str = "", *, resolver: Resolve = resolve, seconds: float = 15
    ) -> None:
        self._url, self._is_json = url, template.startswith("{")
        self._fields, self._taken = parsed_fields(template), taken.partition("=")
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        allowed = frozenset({pair_of(parts.hostname or "", port)})
        self._poster = Poster(allowed, SMS_SETTING, resolver=resolver, seconds=seconds)

    def send(self, parcel: Parcel) -> str:
        text = parcel.rendered.short(MOST_UNITS - _around(self._fields))
        told = {
            name: value.replace("{to}", parcel.to).replace("{key}", str(parcel.key)).replace("{text}", text)
            for name, value in self._fields.items()
        }
        if self._is_json:
            kind, body = "application/json; charset=utf-8", json.dumps(told, ensure_ascii=False).encode()
        else:
            kind, body = "application/x-www-form-urlencoded", urlencode(told).encode()
        try:
            answer = self._poster.post(self._url, kind, body, {"Idempotency-Key": str(parcel.key)})
        except (AddressRefused, NoAnswer, Unreachable) as error:
            raise DeliveryFailed(
                said("The SMS gateway cannot be reached or gave no answer in time.")
            ) from error
        if not 200 <= answer.status < 300:
            raise DeliveryFailed(said("The SMS gateway answered HTTP %(status)s.", status=answer.status))
        if self._taken[0] and not self._says_taken(answer.body):
            raise DeliveryFailed(said("The SMS gateway refused the message."))
        return ""

    def _says_taken(self, answer: bytes) -> bool:
        field, _, value = self._taken
        try:
            return str(json.loads(answer)[field]) == value
        except (ValueError, KeyError, TypeError):
            return False
