"""A configured ClamAV looks at every private file before it is kept; what it cannot look at is not kept.

The daemon here speaks clamd's INSTREAM over a real socket; it knows one signature, the one every scanner knows for tests.
"""

from __future__ import annotations

import socket
import struct
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import load_settings
from core.errors import BadInput, SettingInvalid
from core.outward.clamav import ClamAV
from core.vault import Vault

#: in two parts, so that no scanner finds it in this file
EICAR = (r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*").encode()
CENTRE = uuid.UUID(int=1)


@pytest.fixture
def clamd() -> Iterator[str]:
    """The address of a daemon on this machine."""
    server = socket.create_server(("127.0.0.1", 0))

    def exactly(line: socket.socket, count: int) -> bytes:
        got = b""
        while len(got) < count and (more := line.recv(count - len(got))):
            got += more
        return got

    def serve() -> None:
        while True:
            try:
                line, _ = server.accept()
            except OSError:
                return
            with line:
                assert exactly(line, 10) == b"zINSTREAM\0"
                content = b""
                while size := struct.unpack(">I", exactly(line, 4))[0]:
                    content += exactly(line, size)
                found = b"stream: Eicar-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
                line.sendall(found if len(content) < 1_000_000 else b"INSTREAM size limit exceeded. ERROR\0")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
    server.close()


def test_what_holds_malware_is_not_kept(clamd: str, tmp_path: Path) -> None:
    vault = Vault(tmp_path, [b"k" * 32], scan=ClamAV(clamd))
    clean, bad = uuid.uuid4(), uuid.uuid4()
    vault.put(CENTRE, clean, b"a letter" * 20_000)
    assert vault.get(CENTRE, clean) == b"a letter" * 20_000
    with pytest.raises(BadInput, match="holds malware") as refused:
        vault.put(CENTRE, bad, b"%PDF-1.4\n" + EICAR)
    assert "file" in refused.value.details["fields"]  # type: ignore[operator]
    assert [file for _, file in vault.files()] == [clean]


def test_what_the_scanner_does_not_look_at_is_not_kept(clamd: str, tmp_path: Path) -> None:
    vault = Vault(tmp_path, [b"k" * 32], scan=ClamAV(clamd))
    with pytest.raises(BadInput, match="cannot be checked"):
        vault.put(CENTRE, uuid.uuid4(), b"x" * 1_000_001)
    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    away = Vault(tmp_path, [b"k" * 32], scan=ClamAV(f"tcp://127.0.0.1:{port}"))
    with pytest.raises(BadInput, match="cannot be checked"):
        away.put(CENTRE, uuid.uuid4(), b"a letter")
    assert list(vault.files()) == []


def test_the_setting_names_a_daemon(tmp_path: Path) -> None:
    home = {"SEAMARK_HOME": str(tmp_path)}
    for good in ("", "tcp://127.0.0.1:3310", "unix:///run/clamav/clamd.ctl"):
        assert load_settings({**home, "SEAMARK_CLAMAV": good}).clamav == good
    with pytest.raises(SettingInvalid):
        load_settings({**home, "SEAMARK_CLAMAV": "http://127.0.0.1"})
