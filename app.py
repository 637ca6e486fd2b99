"""The web face, assembled: which rooms have pages, and what every page shares."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

from flask import Flask, request
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix

from accounts.security import init_security, signed_in_actor
from accounts.views import init_accounts
from cases.parties.views import init_parties
from cases.translation_views import init_translation
from cases.views import init_cases
from config import ROOT
from core import jobs_views, site_views
from core.actor import Actor
from core.i18n import init_i18n
from core.web import Gate, declare, init_web
from crawlers.views import init_crawlers
from enterprises.station_views import init_stations
from enterprises.views import init_enterprises
from experts.advising import MatchedExperts, open_assignments
from experts.agencies.complaint_views import init_agencies
from experts.appointing.standing_views import init_appointing
from experts.consultation_views import init_consultations
from experts.entry.views import init_entry
from experts.onward.views import init_onward
from experts.ports import AlertFacts
from experts.resources.views import init_resources
from experts.studies.views import init_studies
from experts.views import init_experts
from house import House
from knowledge.views import init_knowledge
from notify.staff_robot_views import init_staff_robots
from notify.views import init_notify
from privacy.views import init_privacy
from sample_views import init_sample
from warning.alerts import get_alert, named_firms
from warning.bulletin_desk_views import init_bulletin_desk
from warning.bulletin_paper_views import init_bulletin_paper
from warning.bulletin_sending_views import init_bulletin_sending
from warning.bulletin_survey_views import init_bulletin_surveys
from warning.bulletin_views import init_bulletins
from warning.desk_views import init_desk
from warning.level_views import init_levels
from warning.name_views import init_names
from warning.review_views import init_review
from warning.rule_version_views import init_rule_versions
from warning.rule_views import init_rules
from warning.sample_views import init_samples
from warning.station_watch_views import init_station_watch
from warning.surge.telling_views import init_signal_telling
from warning.surge.views import init_signals
from warning.views import init_warning
from warning.vocabulary_views import init_vocabulary
from warning.watch_views import init_watch

#: the largest form or file a page takes, bytes
MAX_REQUEST = 21_000_000


def _about_alert(session: Session, actor: Actor, alert_id: uuid.UUID) -> AlertFacts:
    alert = get_alert(session, actor, alert_id)
    return AlertFacts(
        alert.case_id, tuple(str(reason["party"]) for reason in alert.reasons if "party" in reason)
    )


def _refresher(house: House) -> Callable[[], None]:
    def refresh() -> None:
        # Whether the process is alive is no question to its database, and whether that answers is asked by the page itself.
        if request.endpoint not in ("static", "site.health", "site.ready"):
            house.refresh()

    return refresh


def create_app(house: House) -> Flask:
    """The pages of ``house`` as a WSGI application. Opens no socket and changes nothing."""
    app = Flask("seamark", root_path=str(ROOT))
    app.config.update(
        SECRET_KEY=house.settings.secret_key,
        # Sessions end with a change of fs_uniquifier; the salt only separates the library's own uses of the key.
        SECURITY_PASSWORD_SALT=house.settings.secret_key,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        MAX_CONTENT_LENGTH=MAX_REQUEST,
        MAX_FORM_MEMORY_SIZE=1_000_000,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1),
        # A form left open over lunch still works; the token ends with the session.
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    init_web(app, house, signed_in_actor)
    declare(app, "static", Gate.OPEN)
    app.before_request(_refresher(house))
    CSRFProtect(app)
    init_i18n(app, ROOT / "translations")
    init_security(app, house.database, house.clock, ROOT / "translations", https=house.settings.https)
    app.register_blueprint(site_views.BLUEPRINT)
    app.register_blueprint(jobs_views.BLUEPRINT)
    init_cases(app)
    init_parties(app)
    init_translation(app, house.translator)
    init_accounts(app)
    init_enterprises(app)
    init_stations(app)
    init_crawlers(app)
    init_warning(app)
    init_names(app)
    init_watch(app)
    init_station_watch(app)
    init_notify(app, house.mailroom, house.vault, house.feed_writer())
    init_staff_robots(app)
    init_bulletins(app)
    init_bulletin_desk(app)
    init_bulletin_paper(app)
    init_bulletin_surveys(app)
    init_bulletin_sending(app)
    init_levels(app)
    # Before what else is due: somebody without an account has nobody else.
    init_entry(app)
    init_signals(app)
    init_signal_telling(app)
    init_review(app, house.understanding.tag_case)
    init_rules(app, house.shelf)
    init_rule_versions(app)
    init_vocabulary(app)
    init_samples(app)
    init_desk(app)
    init_appointing(app)
    init_experts(app, named=named_firms, load=open_assignments)
    init_agencies(app)
    init_resources(app)
    init_knowledge(app)
    init_consultations(
        app,
        suggest=MatchedExperts(house.clock, named_firms),
        about_alert=_about_alert,
    )
    init_onward(app)
    init_studies(app)
    init_privacy(app)
    init_sample(app)
    if house.settings.trusted_proxies:
        hops = house.settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app
