"""A real Elasticsearch node for tests and benchmarks: the server's core, from Maven Central, on loopback only.

``python -m tests.elasticsearch_server`` fetches it, starts a node, prints its address and stops it at Ctrl-C (``--check``:
at once). The distribution is kept in the user's cache folder. Elasticsearch refuses to run as root: there the node runs
as ``nobody``.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from elasticsearch import ApiError, Elasticsearch, TransportError

VERSION = "9.2.0"
_ARTIFACT = f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:{VERSION}:zip"
_SHA256 = "bf44938a0490ba2a303d39c9cb64b38963dd08c812ce93e10816e878585bcb6b"
_FETCH = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"
#: the oldest Java that Elasticsearch 9 runs on
_JAVA = 21
_START_SECONDS = 120.0
_FETCHES = 3


class Unavailable(Exception):
    """Maven, Java or the network is missing; the message says which."""


def find_java() -> Path:
    """The home of a JDK that can run the server. Raises Unavailable."""
    homes = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    homes += sorted(Path("/usr/lib/jvm").glob("*"), reverse=True)
    for home in homes:
        release = home / "release"
        said = re.search(r'JAVA_VERSION="(\d+)', release.read_text()) if release.is_file() else None
        if said and int(said[1]) >= _JAVA and (home / "bin" / "java").is_file():
            return home
    raise Unavailable(f"a JDK of at least version {_JAVA} (in JAVA_HOME or /usr/lib/jvm)")


def distribution() -> Path:
    """The unpacked server, fetched when it is not there. Raises Unavailable."""
    # Root's own cache is closed to the user the node runs as.
    cache = Path("/var/cache/seamark") if os.geteuid() == 0 else Path.home() / ".cache" / "seamark"
    home = cache / f"elasticsearch-{VERSION}"
    if home.is_dir():
        return home
    maven = shutil.which("mvn")
    if maven is None:
        raise Unavailable("Maven (mvn), which fetches Elasticsearch")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        _fetch(maven, Path(folder))
        _unpack(next(Path(folder).glob("*.zip")), Path(folder))
        try:
            (Path(folder) / home.name).rename(home)
        except OSError:
            # Another run was first.
            if not home.is_dir():
                raise
    return home


def _fetch(maven: str, folder: Path) -> None:
    command = [
        maven,
        "-q",
        "-B",
        "-U",
        _FETCH,
        f"-Dartifact={_ARTIFACT}",
        f"-DoutputDirectory={folder}",
    ]
    said = ""
    # One transfer of some dozen may be cut; -U asks again for what a failed try has marked as absent.
    for _ in range(_FETCHES):
        try:
            done = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, timeout=900, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise Unavailable("an answer of Maven Central within 15 minutes") from error
        if done.returncode == 0:
            # Not every repository serves the checksums that Maven's own check needs.
            with next(folder.glob("*.zip")).open("rb") as archive:
                said = hashlib.file_digest(archive, "sha256").hexdigest()
            if said == _SHA256:
                return
            raise Unavailable(f"{_ARTIFACT} with the SHA-256 {_SHA256}; the one fetched has {said}")
        said = next((line for line in done.stdout.splitlines() if "[ERROR]" in line), done.stdout)[:600]
    raise Unavailable(f"{_ARTIFACT} (Maven said: {said})")


def _unpack(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    folder.chmod(0o755)


def _free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


class ElasticServer:
    """One node with a folder of its own, at the same address through every restart.

    Args:
        heap: of its Java, e.g. ``512m``.
    """

    def __init__(self, heap: str = "512m") -> None:
        self._home, self._java = distribution(), find_java()
        self._folder = Path(tempfile.mkdtemp(prefix="seamark-elasticsearch-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._http, transport = _free_ports(2)
        self.url = f"http://127.0.0.1:{self._http}"
        config = self._folder / "config"
        shutil.copytree(self._home / "config", config)
        (self._folder / "tmp").mkdir()
        (config / "jvm.options.d" / "seamark.options").write_text(f"-Xms{heap}\n-Xmx{heap}\n")
        (config / "elasticsearch.yml").write_text(
            f"cluster.name: seamark-test\ndiscovery.type: single-node\nnetwork.host: 127.0.0.1\n"
            f"http.port: {self._http}\ntransport.port: {transport}\n"
            f"path.data: {self._folder / 'data'}\npath.logs: {self._folder / 'logs'}\n"
            # A nearly full disk is the tests' business only where they say so.
            f"xpack.security.enabled: false\ncluster.routing.allocation.disk.threshold_enabled: false\n"
        )
        self._user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        if self._user:
            for path in (self._folder, *self._folder.rglob("*")):
                os.chown(path, self._user.pw_uid, self._user.pw_gid)

    def start(self, *, wait: bool = True) -> None:
        """Start the node, and wait until it answers unless ``wait`` is False."""
        environment = {
            "PATH": os.environ["PATH"],
            "ES_JAVA_HOME": str(self._java),
            "ES_PATH_CONF": str(self._folder / "config"),
            "ES_TMPDIR": str(self._folder / "tmp"),
            "HOME": str(self._folder),
        }
        as_user = (
            {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []} if self._user else {}
        )
        with (self._folder / "console.log").open("ab") as console:
            # A session of its own: the launcher's child, which is the server, is stopped with it.
            self._process = subprocess.Popen(
                [str(self._home / "bin" / "elasticsearch")], env=environment, cwd=self._folder,
                stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True, **as_user,  # type: ignore[call-overload]
            )  # fmt: skip
        if wait:
            self.wait()

    def wait(self) -> None:
        """Wait until the node answers. Raises Unavailable with the end of its log when it does not."""
        deadline = time.monotonic() + _START_SECONDS
        with Elasticsearch(self.url, max_retries=0, request_timeout=5) as client:
            while time.monotonic() < deadline and self._process and self._process.poll() is None:
                try:
                    client.cluster.health(wait_for_status="yellow", timeout="4s")
                    return
                except (ApiError, TransportError):
                    time.sleep(0.2)
        said = (self._folder / "console.log").read_text(errors="replace")[-2000:]
        raise Unavailable(f"an Elasticsearch that starts; it said: {said}")

    def clear(self) -> None:
        """Delete every index."""
        with Elasticsearch(self.url) as client:
            if names := list(client.indices.get_alias(index="*", expand_wildcards="all")):
                client.indices.delete(index=names, ignore_unavailable=True)

    def kill(self) -> None:
        """Kill -9, as a power cut would."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Freeze the node: connections are taken, nothing is answered."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen node go on."""
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """End the node and delete its folder."""
        self._end(signal.SIGTERM)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _signal(self, number: int) -> None:
        if self._process:
            os.killpg(self._process.pid, number)

    def _end(self, number: int) -> None:
        if self._process is None:
            return
        try:
            self._signal(number)
            self._process.wait(30)
        except ProcessLookupError:
            pass
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
        self._process.wait()
        self._process = None
        self._wait_until_closed()

    def _wait_until_closed(self) -> None:
        """The launcher is gone; its child, the server, may hold the port a moment longer."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self._http), timeout=1).close()
            except OSError:
                return
            time.sleep(0.05)


def main() -> None:
    """Start a node, say where, stop it at Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m tests.elasticsearch_server", description=__doc__)
    parser.add_argument("--check", action="store_true", help="start one, print its version, stop")
    parser.add_argument("--heap", default="512m", help="of the node's Java (default 512m)")
    given = parser.parse_args()
    server = ElasticServer(given.heap)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        begin = time.monotonic()
        server.start()
        with Elasticsearch(server.url) as client:
            node = next(iter(client.nodes.info()["nodes"].values()))
        print(
            f"Elasticsearch {node['version']} at {server.url}, up after {time.monotonic() - begin:.0f} s",
            flush=True,
        )
        if not given.check:
            signal.pause()
    except KeyboardInterrupt:
        pass
    finally:
        server.stop()


if __name__ == "__main__":
    main()
