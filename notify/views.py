"""Pages of messages: the ledger for staff, and what a firm wants to receive."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Flask, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.actor import Permission
from core.vault import Vault
from core.web import (
    Gate,
    current_actor,
    house,
    load,
    read_session,
    register_health,
    requires,
    uuid_or_404,
    write_session,
)
from notify import ledger
from notify.feed import FeedWriter, feed_of, make_feed, remove_feed
from notify.models import DELIVERY_WORKFLOW
from notify.phones import confirm_number, give_number, phone_of, remove_number
from notify.preferences import (
    choose_mail,
    choose_rhythm,
    endpoint_of,
    remove_webhook,
    secret_maker,
    send_test,
    set_robot,
    set_webhook,
    wants_mail,
    wish_of,
)
from notify.rhythm import Wish
from notify.robots import ROBOTS, Shape
from notify.schemas import (
    CodeSchema,
    LedgerSchema,
    MailSchema,
    NumberSchema,
    RhythmSchema,
    RobotSchema,
    TestSchema,
    WebhookSchema,
)
from notify.sending import Mailroom
from notify.topics import topics_for

BLUEPRINT = Blueprint("notify", __name__)
_LEDGER, _MAIL, _RHYTHM = LedgerSchema(), MailSchema(), RhythmSchema()
_WEBHOOK, _ROBOT = WebhookSchema(), RobotSchema()
_NUMBER, _CODE, _TEST = NumberSchema(), CodeSchema(), TestSchema()
CHANNELS = ("app", "email", "webhook", "sms")


def _vault() -> Vault:
    return cast(Vault, current_app.extensions["seamark_vault"])


def _mailroom() -> Mailroom:
    return cast(Mailroom, current_app.extensions["seamark_mailroom"])


@BLUEPRINT.get("/deliveries")
@requires(Permission.DELIVERY_READ)
def deliveries() -> ResponseReturnValue:
    """The ledger."""
    actor = current_actor()
    values = load(_LEDGER, request.args)
    with read_session() as session:
        return render_template(
            "notify/deliveries.html",
            page=ledger.list_deliveries(session, actor, **values),
            counts=ledger.count_states(session, actor),
            values=values,
            states=DELIVERY_WORKFLOW.states,
            channels=CHANNELS,
            configured=_mailroom().channels,
        )


@BLUEPRINT.post("/deliveries/<delivery_id>/retry")
@requires(Permission.DELIVERY_READ)
def retry(delivery_id: str) -> ResponseReturnValue:
    """Send a failed delivery again."""
    with write_session() as session:
        ledger.retry(session, house().clock, current_actor(), uuid_or_404(delivery_id))
    flash(gettext("Queued again; it leaves within a minute."), "done")
    return redirect(url_for("notify.deliveries"))


@BLUEPRINT.get("/notices")
@requires(Gate.SIGNED_IN)
def notices() -> ResponseReturnValue:
    """What a person receives and when; for a firm's people also what the firm receives."""
    actor = current_actor()
    is_of_firm = actor.firm_id is not None and actor.may(Permission.PROFILE_WRITE)
    with read_session() as session:
        return render_template(
            "notify/notices.html",
            wants_mail=wants_mail(session, actor),
            wish=wish_of(session, actor.user_id) if actor.user_id else Wish(),
            topics=topics_for(actor),
            is_of_firm=is_of_firm,
            endpoint=endpoint_of(session, actor) if is_of_firm else None,
            phone=phone_of(session, actor),
            feed=feed_of(session, actor) if is_of_firm else None,
            robots=[shape.value for shape in ROBOTS],
            recent=ledger.list_deliveries(session, actor, is_own=True, limit=8).rows,
            states=DELIVERY_WORKFLOW.states,
            configured=_mailroom().channels,
        )


@BLUEPRINT.post("/notices/mail")
@requires(Gate.SIGNED_IN)
def mail() -> ResponseReturnValue:
    """Switch one's own mail on or off."""
    is_on = load(_MAIL, request.form)["email"] == "on"
    with write_session() as session:
        choose_mail(session, house().clock, current_actor(), is_on=is_on)
    flash(gettext("Mail is on.") if is_on else gettext("Mail is off."), "done")
    return redirect(url_for("notify.notices"))


@BLUEPRINT.post("/notices/rhythm")
@requires(Gate.SIGNED_IN)
def rhythm() -> ResponseReturnValue:
    """Choose when one's own mail comes."""
    hours = load(_RHYTHM, request.form)
    quiet = (hours["quiet_from"], hours["quiet_to"]) if any(hours.values()) else None
    chosen = {
        t.id: request.form[f"rhythm_{t.id}"]
        for t in topics_for(current_actor())
        if f"rhythm_{t.id}" in request.form
    }
    with write_session() as session:
        choose_rhythm(session, house().clock, current_actor(), chosen, quiet)
    flash(gettext("Saved. It counts for what waits as well."), "done")
    return redirect(url_for("notify.notices"))


@BLUEPRINT.post("/notices/webhook")
@requires(Permission.PROFILE_WRITE)
def webhook() -> ResponseReturnValue:
    """Set the firm's webhook and show its secret, once."""
    url = load(_WEBHOOK, request.form)["url"]
    settings = house().settings
    with write_session() as session:
        endpoint = set_webhook(session, house().clock, current_actor(), url, settings.webhook_allow)
    secret = secret_maker(settings.secret_key)(endpoint.salt)
    return render_template("notify/secret_once.html", url=endpoint.url, secret=secret)


@BLUEPRINT.post("/notices/robot")
@requires(Permission.PROFILE_WRITE)
def robot() -> ResponseReturnValue:
    """Set the firm's group robot; its address is not shown again."""
    told = load(_ROBOT, request.form)
    app = house()
    with write_session() as session:
        set_robot(
            session,
            app.clock,
            _vault(),
            current_actor(),
            Shape(told["shape"]),
            told["url"],
            told["secret"],
            app.settings.webhook_allow,
        )
    flash(gettext("The robot is set. Send a test to see whether it answers."), "done")
    return redirect(url_for("notify.notices"))


@BLUEPRINT.post("/notices/webhook/remove")
@requires(Permission.PROFILE_WRITE)
def webhook_remove() -> ResponseReturnValue:
    """Take the firm's webhook away."""
    with write_session() as session:
        remove_webhook(session, house().clock, current_actor())
    flash(gettext("The webhook was removed; nothing more is sent there."), "done")
    return redirect(url_for("notify.notices"))


@BLUEPRINT.post("/notices/sms")
@requires(Permission.PROFILE_WRITE)
def sms() -> ResponseReturnValue:
    """Give one's phone number, with consent; a code is sent to it."""
    told = load(_NUMBER, request.form)
    with write_session() as session:
        give_number(
            session,
            house().clock,
            _vault(),
            _mailroom(),
            current_actor(),
            told["number"],
            agrees=told["agrees"] == "yes",
        )
    flash(gettext("A code is on its way; it comes within a minute."), "done")
    return redirect(url_for("notify.notices") + "#sms")


@BLUEPRINT.post("/notices/sms/confirm")
@requires(Permission.PROFILE_WRITE)
def sms_confirm() -> ResponseReturnValue:
    """Prove the number one's own."""
    code = load(_CODE, request.form)["code"]
    with write_session() as session:
        is_right = confirm_number(session, house().clock, house().settings.secret_key, current_actor(), code)
    if is_right:
        flash(gettext("The number is verified. Level I alerts reach it from now on."), "done")
    else:
        flash(gettext("This is not the code that was sent."), "bad")
    return redirect(url_for("notify.notices") + "#sms")


@BLUEPRINT.post("/notices/sms/remove")
@requires(Permission.PROFILE_WRITE)
def sms_remove() -> ResponseReturnValue:
    """Withdraw the consent; the number is deleted."""
    with write_session() as session:
        remove_number(session, house().clock, current_actor())
    flash(gettext("Your number was deleted; no more SMS are sent to it."), "done")
    return redirect(url_for("notify.notices") + "#sms")


@BLUEPRINT.post("/notices/feed")
@requires(Permission.PROFILE_WRITE)
def feed_make() -> ResponseReturnValue:
    """Make or renew the firm's feed and show its address, once."""
    with write_session() as session:
        token = make_feed(session, house().clock, current_actor())
    address = house().settings.base_url + url_for("notify.feed", token=token)
    return render_template("notify/feed_once.html", address=address)


@BLUEPRINT.post("/notices/feed/remove")
@requires(Permission.PROFILE_WRITE)
def feed_remove() -> ResponseReturnValue:
    """Take the firm's feed away."""
    with write_session() as session:
        remove_feed(session, house().clock, current_actor())
    flash(gettext("The feed was removed; its address answers no more."), "done")
    return redirect(url_for("notify.notices"))


@BLUEPRINT.get("/feeds/<token>/alerts.atom")
@requires(Gate.OPEN)
def feed(token: str) -> ResponseReturnValue:
    """A firm's feed, for whoever has its address."""
    writer = cast(FeedWriter, current_app.extensions["seamark_feed"])
    with read_session() as session:
        response = Response(writer.write(session, token), mimetype="application/atom+xml")
    response.headers["X-Robots-Tag"] = "noindex"
    response.add_etag()
    return response.make_conditional(request)


@BLUEPRINT.post("/notices/test")
@requires(Gate.SIGNED_IN)
def test() -> ResponseReturnValue:
    """Send oneself or the firm a test."""
    channel = load(_TEST, request.form)["channel"]
    with write_session() as session:
        send_test(session, house().clock, _mailroom(), current_actor(), channel)
    flash(gettext("The test leaves within a minute; look below what comes of it."), "done")
    return redirect(url_for("notify.notices"))


def init_notify(app: Flask, mailroom: Mailroom, vault: Vault, feed_writer: FeedWriter) -> None:
    """Give ``app`` the pages of messages, and the supervisor its counts."""
    app.extensions["seamark_mailroom"] = mailroom
    app.extensions["seamark_vault"] = vault
    app.extensions["seamark_feed"] = feed_writer
    app.register_blueprint(BLUEPRINT)
    register_health(app, "messages", ledger.health)
