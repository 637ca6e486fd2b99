"""The projector over every engine: a new generation equals the record, whatever happens while it is built."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date

import pytest

from core.actor import VISITOR
from core.errors import GenerationRefused
from search import elasticsearch_schema, embedded_schema
from search.embedded import TantivyIndex
from search.port import Document, ReindexNeeded, Removal, SearchIndex, SearchRequest
from search.projector import Collection, Projector


class Register:
    """A system of record as the projector sees one: id -> (version, words)."""

    def __init__(self, index: SearchIndex) -> None:
        self.rows: dict[str, tuple[int, str]] = {}
        self.projector = Projector(index, {"cases": Collection("cases", self._load, self._ids)})

    def write(self, identity: str, words: str) -> None:
        version = self.rows.get(identity, (0, ""))[0] + 1
        self.rows[identity] = (version, words)

    def project(self, *ids: str) -> None:
        self.projector.project(None, "cases", ids)  # type: ignore[arg-type]

    def reindex(self, meanwhile: Callable[[int], None] = lambda done: None) -> str:
        return self.projector.reindex(self._read, lambda done, total: meanwhile(done), batch=10)  # type: ignore[arg-type]

    def _load(self, session: object, ids: Sequence[str]) -> Iterable[Document | Removal]:
        for identity in ids:
            if identity not in self.rows:
                yield Removal("cases", identity)
                continue
            version, words = self.rows[identity]
            audience = frozenset({"public"} if words else ())
            yield Document("cases", identity, version, None, audience, {"body": words}, {}, date(2026, 1, 1))

    def _ids(self, session: object) -> Iterator[str]:
        yield from sorted(self.rows)

    @contextmanager
    def _read(self) -> Iterator[None]:
        yield


@pytest.fixture
def register(index: SearchIndex) -> Register:
    register = Register(index)
    for n in range(35):
        register.write(f"{n:02d}", "drone")
    return register


def stands(index: SearchIndex) -> dict[str, int]:
    """What a reader finds: id -> version."""
    page = index.search(SearchRequest("cases", limit=200), VISITOR)
    assert page.total == len(page.hits)
    return {hit.id: hit.version for hit in page.hits}


def is_equal(register: Register, index: SearchIndex) -> bool:
    return stands(index) == {identity: version for identity, (version, _) in register.rows.items()}


def test_an_empty_index_is_filled_and_promoted(register: Register, index: SearchIndex) -> None:
    generation = register.reindex()
    assert index.state().live == generation
    assert is_equal(register, index)


def test_one_generation_is_kept_to_go_back_to_and_older_ones_are_dropped(
    register: Register, index: SearchIndex
) -> None:
    made = [register.reindex() for _ in range(3)]
    assert set(index.state().generations) == set(made[1:])


@pytest.mark.parametrize("is_empty", [True, False])
def test_what_changes_comes_and_goes_meanwhile_is_in_the_new_generation(
    register: Register, index: SearchIndex, is_empty: bool
) -> None:
    if not is_empty:
        register.reindex()

    def meanwhile(done: int) -> None:
        register.write("03", "changed after it was read")
        register.write(f"new-{done}", "drone")
        register.rows.pop(f"{done - 5:02d}", None)
        register.project("03", f"new-{done}", f"{done - 5:02d}")

    register.reindex(meanwhile)
    assert is_equal(register, index)


def test_writers_who_never_pause_lose_nothing_to_a_swap(register: Register, index: SearchIndex) -> None:
    register.reindex()
    over = threading.Event()

    def work(own: int) -> None:
        number = 0
        while not over.is_set():
            number += 1
            register.write(f"{own}{number % 10}", "drone")
            register.project(f"{own}{number % 10}")

    with ThreadPoolExecutor(2) as pool:
        writers = [pool.submit(work, own) for own in range(2)]
        try:
            for _ in range(6):
                register.reindex()
        finally:
            over.set()
        for writer in writers:
            writer.result()
    assert is_equal(register, index)


def test_what_goes_meanwhile_without_a_word_is_not_in_the_new_generation(
    register: Register, index: SearchIndex
) -> None:
    register.reindex(lambda done: register.rows.pop("00", None) and None)
    assert is_equal(register, index)


def test_a_refused_document_leaves_the_live_generation_alone(register: Register, index: SearchIndex) -> None:
    live = register.reindex()
    register.write("17", "")
    with pytest.raises(GenerationRefused, match="17"):
        register.reindex()
    assert index.state().live == live
    assert index.state().generations == (live,)


def test_an_index_of_another_version_is_mended_by_a_reindex(
    register: Register, index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    register.reindex()
    for module in (embedded_schema, elasticsearch_schema):
        monkeypatch.setattr(module, "SCHEMA_VERSION", 99)
    # A folder that is open already has been read by the version that wrote it.
    newer = TantivyIndex(index._path) if isinstance(index, TantivyIndex) else index
    with pytest.raises(ReindexNeeded):
        newer.state()
    register.projector.index = newer
    generation = register.reindex()
    assert is_equal(register, newer)
    assert newer.state().generations == (generation,)
