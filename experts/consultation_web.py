"""What the pages of consultations share: the blueprint, the ports, problems of a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from flask import Blueprint, current_app

from core.errors import BadInput
from experts.ports import AboutAlert, Suggest

BLUEPRINT = Blueprint("consultations", __name__)
#: field -> sentences; "" for what belongs to no field
Problems = Mapping[str, list[Any]]


def keep_ports(app: Any, suggest: Suggest, about_alert: AboutAlert) -> None:
    """Remember what siblings answer."""
    app.extensions["seamark_consultations"] = (suggest, about_alert)


def suggest_port() -> Suggest:
    """Who names experts."""
    return cast(Suggest, current_app.extensions["seamark_consultations"][0])


def alert_port() -> AboutAlert:
    """Who knows alerts."""
    return cast(AboutAlert, current_app.extensions["seamark_consultations"][1])


def problems_in(error: BadInput) -> Problems:
    """What was wrong, by field."""
    found = error.details.get("fields")
    return found if isinstance(found, Mapping) and found else {"": [error.message]}
