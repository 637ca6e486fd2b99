"""The form of a watch profile as pages show it: for the firm itself, and for a station that acts for it."""

from __future__ import annotations

import uuid
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from pypinyin import lazy_pinyin

from cases.taxonomy import load_taxonomy
from core.errors import BadInput, StaleWrite
from core.i18n import language
from core.said import said
from core.text import collapse
from core.web import load
from enterprises.models import Firm
from warning.models import WatchProfile
from warning.watch_preview import FEW, MOST_SHARE
from warning.watch_schemas import WatchSchema, region_codes

_PROFILE = WatchSchema()
_LISTS, _TEXTS = (
    ("industries", "regions", "dispute_types"),
    ("include", "competitors", "rights", "exhibitions", "exclude"),
)


def watch_url(page: str, firm: Firm | None, **values: Any) -> str:
    """A page of watch profiles: the firm's own, or the station's for ``firm``."""
    if firm is None:
        return url_for(f"watch.{page}", **values)
    return url_for(f"station_watch.{page}", firm_id=firm.id, **values)


def choices() -> dict[str, list[str]]:
    """What the form offers, by the reader's words."""
    taxonomy, told = load_taxonomy(), language()

    def words(identity: str) -> str:
        # A reader of Chinese looks a name up by its sound; its code points are in no order a person knows.
        label = taxonomy.label(identity, told)
        return " ".join(lazy_pinyin(label)) if told == "zh" else label.casefold()

    return {
        "industries": list(filter(taxonomy.is_in_force, taxonomy.industries)),
        "regions": sorted(region_codes(), key=words),
        "dispute_types": list(filter(taxonomy.is_in_force, taxonomy.dispute_types)),
    }


def typed_form() -> dict[str, Any]:
    """The form as it was sent, to be shown again."""
    kept: dict[str, Any] = {name: request.form.getlist(name) for name in _LISTS}
    kept |= {name: request.form.get(name, "") for name in ("name", *_TEXTS)}
    return kept


def stored_form(profile: WatchProfile) -> dict[str, Any]:
    """A profile as the form shows it."""
    currents = load_taxonomy().currents
    kept: dict[str, Any] = {name: currents(getattr(profile, name)) for name in _LISTS}
    kept |= {name: "\n".join(getattr(profile, name)) for name in _TEXTS}
    return kept | {"name": profile.name}


def searched_form(told: dict[str, Any]) -> dict[str, Any]:
    """A form begun with a search of cases: what a profile can ask for is taken over."""
    offered, word = choices(), collapse(told["q"])[:100]
    values: dict[str, Any] = dict.fromkeys(("name", *_TEXTS), "")
    values |= {"name": word, "include": word}
    for name, given in zip(_LISTS, ("industry", "region", "dispute_type"), strict=True):
        values[name] = [value for value in load_taxonomy().currents(told[given]) if value in offered[name]]
    return values


def form_page(
    values: dict[str, Any],
    *,
    firm: Firm | None = None,
    profile_id: uuid.UUID | None = None,
    version: int | None = None,
    problem: BadInput | StaleWrite | None = None,
    current: dict[str, Any] | None = None,
) -> ResponseReturnValue:
    """The form with ``values``; what is wrong with it, and what stands there now, when it was refused."""
    page = render_template(
        "warning/watch_form.html",
        firm=firm,
        values=values,
        choices=choices(),
        profile_id=profile_id,
        version=version,
        problem=problem,
        current=current,
        share=round(MOST_SHARE * 100),
        few=FEW,
    )
    return page, problem.status if problem else 200


def loaded_form() -> tuple[str, dict[str, Any]]:
    """The name and the criteria of the form that was sent. Raises BadInput."""
    values = load(_PROFILE, request.form)
    name = collapse(values["name"])
    if not name:
        raise BadInput(said("The profile needs a name."), fix=said("Write one, then check it again."))
    return name, values
