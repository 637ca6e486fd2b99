"""Every column of every table is classed; a new one without a class fails here."""

from __future__ import annotations

import pytest
from sqlalchemy import inspect

from house import House
from privacy.own import sections
from privacy.registry import Act, Class, Whose, registry
from privacy.retention import retention
from privacy.tables import TABLES


def test_every_column_of_the_database_has_exactly_one_class(house: House) -> None:
    there = inspect(house.database.engine)
    tables = {name: {c["name"] for c in there.get_columns(name)} for name in there.get_table_names()}
    tables.pop("alembic_version")
    assert set(tables) - set(registry()) == set(), "class the columns of these tables in privacy/registry.yml"
    assert set(registry()) - set(tables) == set(), "tables of privacy/registry.yml that are gone"
    for name, columns in tables.items():
        assert columns - set(registry()[name].classes) == set(), (
            f"{name}: class these in privacy/registry.yml"
        )
        assert set(registry()[name].classes) - columns == set(), f"{name}: these are gone"


def test_a_purge_knows_every_table_whatever_else_is_loaded() -> None:
    assert set(registry()) == set(TABLES)


def test_whose_rows_are_whose_is_told_by_columns_that_are_there() -> None:
    for entry in registry().values():
        for column, whose in entry.of:
            is_a = entry.classes[column]
            assert is_a is (Class.ACTOR if whose is Whose.FIRM else Class.KEY), (entry.table, column)
        assert (entry.act is None) == (not entry.of), entry.table
        assert entry.keep <= set(entry.classes), entry.table


@pytest.mark.parametrize(
    "name",
    [
        "contact_name",
        "contact_phone",
        "contact_email",
        "contact",
        "id_last4",
        "birth_year",
        "email",
        "sealed",
    ],
)
def test_fields_made_for_people_are_personal_or_words_wherever_they_stand(name: str) -> None:
    for entry in registry().values():
        if name in entry.classes and entry.table not in ("institution", "webhook_endpoint"):
            assert entry.classes[name] in (Class.PERSONAL, Class.WORDS), entry.table


def test_what_people_write_in_notes_is_never_called_a_fact() -> None:
    free = {
        "note",
        "words",
        "text",
        "story",
        "question",
        "reason",
        "closing_words",
        "bio",
        "statement",
        "conflict",
    }
    for entry in registry().values():
        if not entry.is_public:
            called = {name for name in free & set(entry.classes) if entry.classes[name] is Class.FACT}
            # A coded reason is no text of anybody's.
            assert called <= ({"reason"} if entry.table in ("privacy_reveal",) else set()), entry.table


def test_every_table_of_own_rows_is_shown_to_the_person_or_only_spared() -> None:
    shown = {section.table for section in sections()}
    own = {e.table for e in registry().values() if e.of and e.act is not Act.SPARE and e.named}
    assert own - shown == set()


def test_retention_names_tables_columns_and_a_basis() -> None:
    for kept in retention().values():
        assert kept.zh and kept.en and kept.basis and kept.basis_en
        if kept.table:
            assert kept.since in TABLES[kept.table].c
