"""Bulletins in a browser without a screen: forms as they are filled, steps, people who take them, what the public gets."""

from __future__ import annotations

import uuid
from typing import Any

from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from accounts.service import create_user
from core.actor import Role, system_actor
from tests.web.reading import page
from tests.web.world import PASSWORD, Site, change_password, post, sign_in
from warning.bulletin_checks import DECLARATIONS
from warning.bulletin_models import Bulletin

#: names of the firm that is not to be named
HIDDEN = ("Hailan", "海岚", "hailan")


def somebody(site: Site, name: str, *roles: Role) -> FlaskClient:
    """A browser of a new person of the first centre."""
    with site.house.database.write() as session:
        _, once = create_user(
            session,
            site.house.clock,
            system_actor("test", site.centre),
            email=f"{name}@example.org",
            roles=roles,
        )
    client = site.visitor()
    sign_in(client, f"{name}@example.org", once)
    change_password(client, once, PASSWORD)
    return client


def stored(site: Site, bulletin_id: str) -> Bulletin:
    with site.house.database.read() as session:
        return session.get_one(Bulletin, uuid.UUID(bulletin_id))


def form_of(client: FlaskClient, bulletin_id: str) -> dict[str, Any]:
    """The editing form as a browser would send it."""
    return fields_of(page(client, f"/bulletins/drafts/{bulletin_id}/edit"))


def fields_of(soup: BeautifulSoup) -> dict[str, Any]:
    form = soup.select_one("form.bulletin-form")
    assert form is not None
    values: dict[str, Any] = {}
    for field in form.select("input[name], textarea[name], select[name]"):
        name, kind = str(field["name"]), field.get("type")
        if kind in ("checkbox", "radio") and not field.has_attr("checked"):
            continue
        if field.name == "select":
            chosen = field.select_one("option[selected]")
            assert chosen is not None, name
            values[name] = str(chosen["value"])
        elif field.name == "textarea":
            values[name] = field.get_text()
        elif kind == "checkbox":
            values.setdefault(name, []).append(str(field["value"]))
        else:
            values[name] = str(field.get("value", ""))
    values.pop("csrf_token")
    return values


def save(client: FlaskClient, bulletin_id: str, **changes: Any) -> TestResponse:
    values = {**form_of(client, bulletin_id), "valid_until": "2026-06-30", **changes}
    return post(client, f"/bulletins/drafts/{bulletin_id}/edit", values)


def step(site: Site, client: FlaskClient, bulletin_id: str, name: str, **more: Any) -> TestResponse:
    version = stored(site, bulletin_id).version
    if name == "approve":
        more = {"declared": list(DECLARATIONS), **more}
    return post(client, f"/bulletins/drafts/{bulletin_id}/step", {"step": name, "version": version, **more})


def all_public(site: Site, slug: str) -> str:
    """Everything the public can get of bulletins, in both languages."""
    texts = []
    for language in ("zh", "en"):
        client = site.visitor(language)
        for path in ("/", "/bulletins", f"/bulletins/{slug}", f"/bulletins/{slug}?edition=1"):
            soup = page(client, path)
            # The home page lists cases too, by the captions of public records.
            for other in soup.select("section[aria-labelledby=newest]"):
                other.decompose()
            texts.append(str(soup))
        for feed in ("atom", "json"):
            texts.append(client.get(f"/bulletins/feed.{feed}").get_data(as_text=True))
    return "\n".join(texts)
