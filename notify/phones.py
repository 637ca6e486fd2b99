"""A person's phone number: agreed to, verified by a code, sealed, shown masked, gone when they withdraw.

Consent as the Personal Information Protection Law asks for it (个人信息保护法 arts. 13-17): of its own, informed of the
one use, recorded with its wording and time, withdrawn as easily as given. Without it no number is kept at all.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import uuid
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor, Permission
from core.clock import Clock
from core.db import new_id
from core.errors import BadInput, NotFound
from core.said import said
from core.vault import Vault
from notify.letters import Composer, Letter
from notify.models import ChannelPreference
from notify.sending import Mailroom
from notify.topics import CODE

#: the wording a person agreed to; changed with the words on the page
CONSENT = "sms-1"
#: how long a code counts, how often it may be guessed, how often one is sent
CODE_LASTS = timedelta(minutes=10)
MOST_GUESSES = 5
CODE_PAUSE = timedelta(minutes=1)
MOST_CODES_A_DAY = 5


def parsed_number(text: str) -> str:
    """A mainland mobile number as 11 digits, any other with + and its country. Raises BadInput."""
    plain = re.sub(r"[\s().-]", "", text)
    plain = re.sub(r"^(\+|00)86(?=1)", "", plain)
    if not re.fullmatch(r"1[3-9]\d{9}|\+[1-9]\d{7,14}", plain, re.ASCII):
        raise BadInput(
            said("This is not a mobile number."),
            fix=said("Write it like 13800001234, or with the country like +8613800001234."),
        )
    return plain


def masked(number: str) -> str:
    """Enough to tell two numbers apart."""
    return f"{number[:3]}****{number[-4:]}"


def phone_of(session: Session, actor: Actor) -> ChannelPreference | None:
    """The actor's number as it stands: its mask, whether it is verified; None when none is kept."""
    return session.get(ChannelPreference, (actor.user_id, "sms")) if actor.user_id else None


def give_number(
    session: Session,
    clock: Clock,
    vault: Vault,
    mailroom: Mailroom,
    actor: Actor,
    number: str,
    *,
    agrees: bool,
) -> ChannelPreference:
    """Keep the actor's number, not yet used, and send it a code.

    Raises BadInput: no number, no consent, a code sent a moment ago or too many today, no gateway; NotAllowed.
    """
    actor.require(Permission.PROFILE_WRITE)
    if actor.user_id is None or actor.centre_id is None:
        raise NotFound(said("This account belongs to no firm."))
    if "sms" not in mailroom.channels:
        raise BadInput(said("This installation sends no SMS."))
    plain = parsed_number(number)
    if not agrees:
        raise BadInput(
            said("Without your consent no number is kept."),
            fix=said("Tick the box, or leave the number out."),
        )
    row = session.get(ChannelPreference, (actor.user_id, "sms"), with_for_update=True)
    now = clock.now()
    if row is None:
        row = ChannelPreference(
            account_id=actor.user_id, channel="sms", rhythms={}, code_guesses=0, codes_sent=0, is_on=True
        )
        session.add(row)
    if row.code_sent_at is not None:
        if now - row.code_sent_at < CODE_PAUSE:
            raise BadInput(said("A code was sent less than a minute ago."), fix=said("Wait a minute."))
        if now - row.code_sent_at > timedelta(days=1):
            row.codes_sent = 0
    if row.codes_sent >= MOST_CODES_A_DAY:
        raise BadInput(said("Too many codes were sent today."), fix=said("Try again tomorrow."))
    row.is_on, row.updated_at, row.verified_at = True, now, None
    row.consent, row.consented_at = CONSENT, now
    row.shown, row.sealed = masked(plain), vault.seal(actor.centre_id, actor.user_id, plain.encode())
    row.code_salt, row.code_sent_at, row.code_guesses = secrets.token_hex(16), now, 0
    row.codes_sent += 1
    session.flush()
    mailroom.tell_person(
        session,
        CODE,
        actor.centre_id,
        actor.user_id,
        [new_id()],
        channels=frozenset({"sms"}),
        gather=timedelta(0),
    )
    values = {"consent": CONSENT}
    audit.record(session, clock, actor, "notices.sms_agreed", "account", actor.user_id, values=values)
    return row


def code_of(key: str, salt: str) -> str:
    """The six digits sent for ``salt`` under the house's ``key``. They are stored nowhere."""
    made = hmac.new(key.encode(), b"sms code:" + salt.encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(made[:8], 'big') % 1_000_000:06d}"


def confirm_number(session: Session, clock: Clock, key: str, actor: Actor, code: str) -> bool:
    """Whether ``code`` is the one that was sent; then the number counts. A wrong guess is counted, so commit it.

    Raises BadInput: no code waits, it is too old, or it was guessed at too often.
    """
    row = phone_of(session, actor)
    if row is None or row.code_salt is None or row.code_sent_at is None:
        raise BadInput(said("No code waits for you."), fix=said("Give the number again."))
    session.refresh(row, with_for_update=True)
    if row.code_guesses >= MOST_GUESSES or clock.now() - row.code_sent_at > CODE_LASTS:
        raise BadInput(said("This code counts no more."), fix=said("Give the number again."))
    row.code_guesses += 1
    if not hmac.compare_digest(code_of(key, row.code_salt), code.strip()):
        return False
    row.verified_at, row.code_salt = clock.now(), None
    audit.record(session, clock, actor, "notices.sms_verified", "account", row.account_id)
    return True


def remove_number(session: Session, clock: Clock, actor: Actor) -> None:
    """Withdraw the consent: the number is deleted, and what waits for it is not sent. Raises NotFound."""
    row = phone_of(session, actor)
    if row is None or row.sealed is None:
        raise NotFound(said("No number of yours is kept."))
    # What counts the codes stays, or giving and taking back a number would send codes without end.
    row.sealed = row.shown = row.code_salt = row.verified_at = row.consent = row.consented_at = None
    row.is_on, row.updated_at = False, clock.now()
    audit.record(session, clock, actor, "notices.sms_withdrawn", "account", row.account_id)


def code_composer(key: str, clock: Clock) -> Composer:
    """Writes the letter of a code that still counts; it has no page and no mail."""

    def compose(session: Session, account_id: uuid.UUID, subject_ids: Sequence[uuid.UUID]) -> Letter | None:
        row = session.get(ChannelPreference, (account_id, "sms"))
        if row is None or row.code_salt is None or row.code_sent_at is None:
            return None
        if clock.now() - row.code_sent_at > CODE_LASTS:
            return None
        words = said(
            "%(code)s is your code for Seamark; it counts for 10 minutes.", code=code_of(key, row.code_salt)
        )
        return Letter(words, words, (), words, short=words, short_path="")

    return compose
