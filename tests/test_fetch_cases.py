"""fetch_cases.py against a server of our own on the loopback: nothing leaves the machine."""

from __future__ import annotations

import functools
import hashlib
import http.server
import importlib.util
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
MADE = b"<gpx><trk><trkseg/></trk></gpx>\n"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
HEAD = "# a table\nfile\trepository\tpath\tcommit\tsha256\n"


def _fetch_cases() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fetch_cases", ROOT / "scripts/fetch_cases.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


fetch_cases = _fetch_cases()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def base_url(tmp_path: Path) -> Iterator[str]:
    """A server with one file, at a path that has to be quoted."""
    there = tmp_path / "served" / "someone" / "tracks" / COMMIT / "a folder" / "höhe.gpx"
    there.parent.mkdir(parents=True)
    there.write_bytes(MADE)
    handler = functools.partial(Quiet, directory=str(tmp_path / "served"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        host, port = server.server_address[:2]
        yield f"http://{host}:{port}/{{repository}}/{{commit}}/{{path}}"
        server.shutdown()
        thread.join()


def _table(
    tmp_path: Path,
    *,
    path: str = "a folder/höhe.gpx",
    file: str = "courses/made.gpx",
    of: bytes = MADE,
) -> Path:
    table = tmp_path / "cases.tsv"
    row = [file, "someone/tracks", path, COMMIT, hashlib.sha256(of).hexdigest()]
    table.write_text(HEAD + "\t".join(row) + "\n", encoding="utf-8")
    return table


def _run(table: Path, tmp_path: Path, base_url: str) -> int:
    return fetch_cases.main([str(tmp_path / "data"), "--cases", str(table), "--base-url", base_url])


def test_a_good_file_is_kept_where_the_table_says(tmp_path: Path, base_url: str) -> None:
    assert _run(_table(tmp_path), tmp_path, base_url) == 0
    assert (tmp_path / "data" / "courses" / "made.gpx").read_bytes() == MADE


def test_a_good_file_is_not_asked_for_again(tmp_path: Path, base_url: str) -> None:
    table = _table(tmp_path)
    assert _run(table, tmp_path, base_url) == 0
    assert _run(table, tmp_path, "http://127.0.0.1:9/{repository}{commit}{path}") == 0


def test_a_file_with_another_hash_is_not_kept(
    tmp_path: Path, base_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    old = tmp_path / "data" / "courses" / "made.gpx"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"damaged")
    assert _run(_table(tmp_path, of=b"something else"), tmp_path, base_url) == 1
    assert list(old.parent.iterdir()) == []
    assert "SHA-256 is another" in capsys.readouterr().err


def test_a_missing_file_is_told(
    tmp_path: Path, base_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(_table(tmp_path, path="gone.gpx"), tmp_path, base_url) == 1
    assert list((tmp_path / "data" / "courses").iterdir()) == []
    told = capsys.readouterr().err
    assert "404" in told
    assert "1 of 1 files are missing" in told


def test_no_file_leaves_the_folder(tmp_path: Path, base_url: str) -> None:
    with pytest.raises(ValueError, match="outside the folder"):
        _run(_table(tmp_path, file="../escaped.gpx"), tmp_path, base_url)


def test_the_table_of_the_project_is_sound() -> None:
    rows = fetch_cases.cases(fetch_cases.CASES)
    assert len({row["file"] for row in rows}) == len(rows) > 50
    for row in rows:
        assert len(row["sha256"]) == 64
        assert len(row["commit"]) == 40
        assert fetch_cases.url_of(row, fetch_cases.BASE_URL).startswith("https://")
