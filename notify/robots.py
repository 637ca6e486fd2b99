"""Group robots of 企业微信 (WeCom) and 钉钉 (DingTalk): the address they are posted to, the body, what an answer means.

Pure. Shapes and limits as the makers document them: developer.work.weixin.qq.com/document/path/91770 and
open.dingtalk.com/document/robots/custom-robot-access. Both answer HTTP 200 with an ``errcode``; a robot's key stands in
its address, so an address is a secret. Neither knows an idempotency key: after a crash between sending and marking a
group may read the same message twice.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import parse_qs, urlencode, urlsplit

from core.errors import BadInput, DeliveryFailed
from core.said import said
from notify.rendering import Rendered


class Shape(StrEnum):
    """What listens at a webhook."""

    SEAMARK = "seamark"
    WECOM = "wecom"
    DINGTALK = "dingtalk"


@dataclass(frozen=True)
class Robot:
    """What a maker documents.

    Attributes:
        host, path, key: where its robots are, and the query field that holds their key.
        most_bytes: of a Markdown text in UTF-8.
        too_fast: codes of an answer to too many messages; another try helps.
        final: codes after which none does: the robot is gone, or set up otherwise.
    """

    host: str
    path: str
    key: str
    most_bytes: int
    too_fast: frozenset[int]
    final: frozenset[int]


ROBOTS: dict[Shape, Robot] = {
    Shape.WECOM: Robot(
        "qyapi.weixin.qq.com",
        "/cgi-bin/webhook/send",
        "key",
        4096,
        too_fast=frozenset({45009, 45033}),
        final=frozenset({93000, 40058}),
    ),
    Shape.DINGTALK: Robot(
        "oapi.dingtalk.com",
        "/robot/send",
        "access_token",
        20_000,
        too_fast=frozenset({130101, 410100, 43004}),
        final=frozenset({300001, 310000, 400101, 400102, 400013}),
    ),
}
#: messages a robot may get a minute; both makers say 20, and others may use the same one
MOST_A_MINUTE = 18


def checked_robot_url(shape: Shape, text: str, allowed: frozenset[str] = frozenset()) -> str:
    """``text`` when it is a robot's address: its maker's host and path, or a ``host:port`` of ``allowed`` in its place.

    Raises BadInput, which quotes nothing of it.
    """
    robot = ROBOTS[shape]
    example = f"https://{robot.host}{robot.path}?{robot.key}=…"
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    pair = f"{host}:{port or (443 if parts.scheme == 'https' else 80)}"
    is_makers = parts.scheme == "https" and host == robot.host and port in (None, 443)
    is_ours = parts.scheme in ("http", "https") and pair in allowed
    keys = parse_qs(parts.query).get(robot.key, [])
    if not (is_makers or is_ours) or parts.path != robot.path or len(keys) != 1 or parts.username:
        raise BadInput(
            said("This is not the address of such a robot."),
            fix=said("Copy it from the robot's settings; it looks like %(example)s.", example=example),
        )
    return f"{parts.scheme}://{parts.netloc}{robot.path}?{urlencode({robot.key: keys[0]})}"


def shown_url(shape: Shape, url: str) -> str:
    """The address without its key, for pages and the ledger."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}?{ROBOTS[shape].key}=…"


def signed_url(shape: Shape, url: str, secret: str, now: datetime) -> str:
    """The address to post to at ``now`` (aware). DingTalk's optional signature: HMAC-SHA-256, under the secret, of the
    milliseconds, a line end and the secret; in base64."""
    if shape is not Shape.DINGTALK or not secret:
        return url
    stamp = str(int(now.timestamp() * 1000))
    made = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    return f"{url}&{urlencode({'timestamp': stamp, 'sign': base64.b64encode(made).decode()})}"


def body_of(shape: Shape, rendered: Rendered) -> bytes:
    """The message as the robot takes it."""
    text = rendered.markdown(ROBOTS[shape].most_bytes)
    if shape is Shape.WECOM:
        told: dict[str, object] = {"msgtype": "markdown", "markdown": {"content": text}}
    else:
        title = rendered.subject.partition(" | ")[0][:60]
        told = {"msgtype": "markdown", "markdown": {"title": title, "text": text}}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def check_answer(shape: Shape, body: bytes) -> None:
    """Raise DeliveryFailed unless ``body``, of an answer with HTTP 200, says that the robot took the message."""
    robot = ROBOTS[shape]
    try:
        code = json.loads(body)["errcode"]
    except (ValueError, KeyError, TypeError) as error:
        raise DeliveryFailed(said("The robot gave an answer that cannot be read.")) from error
    if code == 0:
        return
    number = code if isinstance(code, int) else -1
    if number in robot.too_fast:
        raise DeliveryFailed(said("The robot gets too many messages at the moment."))
    raise DeliveryFailed(
        said("The robot refused the message (code %(code)s).", code=number), is_final=number in robot.final
    )
