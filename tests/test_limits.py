"""Files beyond what any race needs: one line, with the option that raises the limit."""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

import pytest
from gpx_texts import TWO_POINTS, gpx
from made import Gpxstage

from gpxstage import parser
from gpxstage.course import CourseError
from gpxstage.parser import Limits, handlers
from gpxstage.racefile import load

POINT = '<trkpt lat="45.{:05d}" lon="7"><ele>1000</ele></trkpt>'


def long(n: int) -> str:
    return gpx(f"<trk><trkseg>{''.join(POINT.format(k) for k in range(n))}</trkseg></trk>")


def nested(depth: int, name: str = "a") -> str:
    within = depth - 1  # the root is one
    return gpx(f"<{name}>" * within + f"</{name}>" * within + TWO_POINTS)


@pytest.mark.parametrize(
    ("text", "option", "most", "says"),
    [
        (long(3000), "--max-points", 2999, "holds over 2,999 points"),
        (nested(40), "--max-nesting", 39, "holds over 39 elements within each other"),
        (long(20_000), "--max-file-mib", 1, "is longer than 1 MiB"),
    ],
    ids=["points", "nesting", "size"],
)
def test_an_option_sets_each_limit(
    run: Gpxstage, tmp_path: Path, text: str, option: str, most: int, says: str
) -> None:
    path = tmp_path / "x.gpx"
    path.write_text(text)
    race = tmp_path / "race.toml"
    race.write_text('name = "X"\nterrain = 0.4\n[[stage]]\ngpx = "x.gpx"\n')
    for source in (path, race):
        refused = run("info", source, option, most)
        assert refused.code == 1
        assert (
            refused.err
            == f"gpxstage: x.gpx: {says}, and no more is read: {option} raises the limit\n"
        )
        assert run("info", source, option, most + 1).code == 0
        assert run("info", source).code == 0
    for command in (
        ["split", path, "--at", "1", "-o", tmp_path / "out"],
        ["init", path, "-o", "-"],
    ):
        assert says in run(*command, option, most).err
    assert says in run("fit", path, "-o", "-", option, most).err


@pytest.mark.parametrize("name", ["a", "ele", "trkpt lat='45' lon='7'", "extensions"])
def test_nesting_is_counted_whatever_the_elements_are(name: str) -> None:
    bare = name.split(maxsplit=1)[0]
    text = gpx(f"<trk><trkseg>{f'<{name}>' * 98}{f'</{bare}>' * 98}</trkseg></trk>")
    with pytest.raises(CourseError, match="over 100 elements within each other"):
        parser.read(text.encode())


def test_the_limit_of_size_is_for_what_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "x.gpx.gz"
    path.write_bytes(gzip.compress(gpx(TWO_POINTS + " " * (3 << 20)).encode()))
    with pytest.raises(CourseError, match="is longer than 2 MiB"):
        load(path, limits=Limits(file_mib=2))
    assert len(load(path, limits=Limits(file_mib=4)).stages) == 1


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("<trk/>" * 300, "over 200 tracks, segments and named places"),
        ('<wpt lat="45" lon="7"/>' * 300, "over 200 tracks, segments and named places"),
        (
            "<rte>" + '<rtept lat="45" lon="7"><name>A</name></rtept>' * 300 + "</rte>",
            "over 200 tr",
        ),
        ("<trk>" + "<trkseg></trkseg>" * 300 + "</trk>", "over 200 tracks, segments"),
        ("".join(f"<a{k}/>" for k in range(300)), "over 250 names of elements"),
        ("".join(f'<a b{k}="1"/>' for k in range(300)), "over 250 names of attributes"),
    ],
    ids=["tracks", "waypoints", "route points", "segments", "elements", "attributes"],
)
def test_what_takes_more_memory_than_bytes_is_counted(
    body: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "MOST_PARTS", 200)
    monkeypatch.setattr(handlers, "MOST_NAMES", 250)
    with pytest.raises(CourseError, match=says):
        parser.read(gpx(body + TWO_POINTS).encode())


def test_an_endless_comment_and_an_endless_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text is read in pieces and only its beginning is kept; a comment is read as a whole."""
    monkeypatch.setattr(handlers, "MOST_COMMENT_BYTES", 1 << 17)
    with pytest.raises(CourseError, match="a comment of over"):
        parser.read(gpx(f"<!--{'x' * (1 << 20)}-->{TWO_POINTS}").encode())
    text = gpx(f"<metadata><desc>{'x' * (1 << 20)}</desc></metadata>{TWO_POINTS}")
    assert len(parser.read(text.encode()).tracks) == 1


@cache
def a_million_attributes() -> str:
    return " ".join(f'a{k}=""' for k in range(1_000_000))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    ("body", "is_refused"),
    [
        ("<a {}/>", True),
        ("<!-- {} -->", False),
        ("<?b {}?>", False),
        ("<a><![CDATA[{}]]></a>", False),
    ],
    ids=["tag", "comment", "instruction", "text"],
)
def test_a_tag_of_a_million_attributes(body: str, is_refused: bool, encoding: str) -> None:
    """Each attribute takes a hundred times its bytes in memory, in a comment it takes none."""
    text = (
        gpx(body.format(a_million_attributes()) + TWO_POINTS)
        .replace("UTF-8", encoding)
        .encode(encoding)
    )
    if is_refused:
        with pytest.raises(CourseError, match="a tag of over 4 MiB"):
            parser.read(text)
    else:
        assert len(parser.read(text).tracks) == 1
