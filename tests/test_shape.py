"""The layout of the package, read from its source: layers, homes of libraries, sizes, docstrings.

Every rule is a function of a module's path inside ``gpxstage/`` and its source, and answers with
the lines that break it; the second half of this file shows each of them catching something.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "gpxstage"

LAYERS = (  # lowest first; those of one layer do not know each other
    ("text", "walltime", "geo"),
    ("course", "units"),
    ("parser",),
    ("clean", "matching"),
    ("profile", "racefile"),
    ("estimator",),
    ("facts",),
    ("report", "plot", "training"),
    ("folder",),
    ("batch",),
    ("cli",),
    ("__init__", "__main__"),
)
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}

UPWARD = {  # the one import that points up
    ("facts/analysis.py", "gpxstage.report.markup"): "a notebook asks a report for its HTML",
}

HOMES = {  # a library -> the modules, or the folders they became, that may import it
    "astral": ("estimator/daylight",),
    "bokeh": ("report/page",),
    "click": ("cli",),
    "dask": ("batch",),
    "distributed": ("batch",),
    "garmin_fit_sdk": ("parser/garmin", "report/watch"),
    "gpxpy": ("report/export",),
    "icalendar": ("report/export",),
    "jinja2": ("report/page", "report/crew"),
    "matplotlib": ("plot",),
    "msgspec": (
        "parser",
        "racefile/keys",
        "estimator/runner_file",
        "estimator/runner_text",
        "facts/figures",
    ),
    "rich": ("report/markup", "cli"),
    "scipy": ("estimator/fit",),
    "tomlkit": ("racefile", "estimator/runner_text"),
    "tomllib": ("racefile",),
    "xml.parsers": ("parser",),
}

BASE = {"judgement", "learnt", "nouns", "risks", "runner"}  # of estimator/: below all of it
EFFECTS = {"gait", "endurance", "conditions", "stops", "daylight", "scatter", "sleepiness"}
# these run the engine, so the engine cannot know them
ASKERS = {"cloud", "collapse", "draws", "sleep_plans", "underway", "time_breakdown", "team", "fit"}
DOOR = "__init__"

MODULE_LINES = 400
FUNCTION_LINES = 40

Function = ast.FunctionDef | ast.AsyncFunctionDef
Rule = Callable[[str, str], list[str]]


class Import(NamedTuple):
    """One imported name, absolute and dotted: ``from a import b`` is ``a.b``."""

    name: str
    line: int


parsed = cache(ast.parse)  # every rule reads every module


@cache
def imports(rel: str, source: str) -> tuple[Import, ...]:
    """All imports of a module, those inside functions and for the type checker too."""
    folder, found = ("gpxstage", *rel.split("/")[:-1]), []
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = folder[: len(folder) - node.level + 1] if node.level else ()
            stem = [*above, *([node.module] if node.module else [])]
            names = [".".join([*stem, alias.name]) for alias in node.names]
        else:
            continue
        found += [Import(name, node.lineno) for name in names]
    return tuple(found)


def _top(rel: str) -> str:
    return rel.split("/", maxsplit=1)[0].removesuffix(".py")


def layers(rel: str, source: str) -> list[str]:
    """A module has a place in the picture, and imports only from below it."""
    here = _top(rel)
    if here not in RANK:
        return [f"{rel}: has no layer"]
    found = []
    for name, line in imports(rel, source):
        package, _, rest = name.partition(".")
        if package != "gpxstage" or rest == "__version__":
            continue
        there = rest.split(".")[0] or DOOR
        if there not in RANK:  # a public name, through the door on top
            there = DOOR
        upward = (rel, name.rpartition(".")[0]) in UPWARD
        if there != here and RANK[there] >= RANK[here] and not upward:
            found.append(f"{rel}:{line}: {there} is not below {here}")
    return found


def homes(rel: str, source: str) -> list[str]:
    """A library is imported only where its job is done."""
    found = []
    for name, line in imports(rel, source):
        for library, places in HOMES.items():
            at_home = any(rel == f"{place}.py" or rel.startswith(f"{place}/") for place in places)
            if f"{name}.".startswith(f"{library}.") and not at_home:
                found.append(f"{rel}:{line}: {library} belongs in {' or '.join(places)}")
    return found


def effects(rel: str, source: str) -> list[str]:
    """Inside estimator/: base, then effects that do not know each other, then the engine."""
    if not rel.startswith("estimator/"):
        return []
    here = rel.split("/")[1].removesuffix(".py")
    found = []
    for name, line in imports(rel, source):
        parts = name.split(".")
        if parts[:2] != ["gpxstage", "estimator"]:
            continue
        there = parts[2] if len(parts) > 2 and _is_part(parts[2]) else DOOR
        if there != here and not _may_know(here, there):
            found.append(f"{rel}:{line}: {here} may not know {there}")
    return found


def _is_part(name: str) -> bool:
    parts = {path.stem for path in (PACKAGE / "estimator").iterdir()}
    return name in BASE | EFFECTS | ASKERS | {"engine", "models"} | parts - {DOOR}


def _may_know(here: str, there: str) -> bool:
    if here == DOOR:
        return True
    if here in BASE:
        order = ("learnt", "runner", "risks", "nouns")
        return there in order and here in order[order.index(there) + 1 :]
    if here in EFFECTS:
        return there in BASE
    if here in {"engine", "models"}:
        return there not in ASKERS | {DOOR}
    return there != DOOR


def _body_lines(function: Function) -> int:
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function) is not None:
        text = function.body[0]
        lines -= (text.end_lineno or text.lineno) - text.lineno + 1
    return lines


def sizes(rel: str, source: str) -> list[str]:
    """A module of 400 lines, a function of 40 without its docstring, and no more."""
    found = []
    if (lines := len(source.splitlines())) > MODULE_LINES:
        found.append(f"{rel}: {lines} lines, of {MODULE_LINES}")
    for node in ast.walk(parsed(source)):
        if isinstance(node, Function) and (lines := _body_lines(node)) > FUNCTION_LINES:
            found.append(f"{rel}:{node.lineno}: {node.name} has {lines} lines, of {FUNCTION_LINES}")
    return found


def prints(rel: str, source: str) -> list[str]:
    """Only the command line prints."""
    if _top(rel) == "cli":
        return []
    return [
        f"{rel}:{node.lineno}: prints below the command line"
        for node in ast.walk(parsed(source))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"
    ]


def leftovers(rel: str, source: str) -> list[str]:
    """What is in the package is done."""
    return [
        f"{rel}:{number}: {line.strip()}"
        for number, line in enumerate(source.splitlines(), 1)
        if re.search(r"\b(TODO|FIXME|XXX|NotImplementedError)\b", line)
    ]


def names(rel: str, source: str) -> list[str]:
    """A module gives each of its names one value: a second one changes all who use the first."""
    given: set[str] = set()
    found = []
    for node in parsed(source).body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        for name in (n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)):
            found += [f"{rel}:{node.lineno}: {name} has a value already"] if name in given else []
            given.add(name)
    return found


def docstrings(rel: str, source: str) -> list[str]:
    """Every module, and every public class and function in it, says what it is."""
    tree = parsed(source)
    missing = [] if ast.get_docstring(tree) else [f"{rel}: has no docstring"]
    return missing + [
        f"{rel}:{node.lineno}: {node.name} has no docstring"
        for node in tree.body
        if isinstance(node, Function | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]


RULES: tuple[Rule, ...] = (layers, homes, effects, sizes, prints, leftovers, names, docstrings)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_package_keeps_the_rule(rule: Rule) -> None:
    modules = {path.relative_to(PACKAGE).as_posix(): path for path in PACKAGE.rglob("*.py")}
    found = chain.from_iterable(
        rule(rel, modules[rel].read_text(encoding="utf-8")) for rel in sorted(modules)
    )
    assert list(found) == []


def _circles(sources: dict[str, str]) -> list[list[str]]:
    """The groups of files that import each other in a circle."""
    files = {_dotted(rel): rel for rel in sources}
    below: dict[str, set[str]] = {}
    for rel, source in sources.items():
        below[rel] = {_file_of(found.name, files) for found in imports(rel, source)} - {"", rel}
    reached = {rel: _reached(rel, below) for rel in sources}
    groups = {
        tuple(sorted(other for other in sources if rel in reached[other] and other in reached[rel]))
        for rel in sources
    }
    return sorted(list(group) for group in groups if group)


def _dotted(rel: str) -> str:
    return f"gpxstage.{rel.removesuffix('.py').replace('/', '.')}".removesuffix(".__init__")


def _file_of(name: str, files: dict[str, str]) -> str:
    """The file that holds an imported name: a module, or the name's module; or none."""
    while name and name not in files:
        name = name.rpartition(".")[0]
    return files.get(name, "")


def _reached(rel: str, below: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    ahead = [*below[rel]]
    while ahead:
        here = ahead.pop()
        if here not in found:
            found.add(here)
            ahead += below[here]
    return found


def test_no_files_import_each_other_in_a_circle() -> None:
    sources = {
        path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8")
        for path in PACKAGE.rglob("*.py")
    }
    for rel, name in UPWARD:
        sources[rel] = sources[rel].replace(f"from {name} import", "# from")
    assert _circles(sources) == []


def test_a_circle_is_found() -> None:
    for_types = "if TYPE_CHECKING:\n    from gpxstage.geo import Grid"
    sources = {"geo.py": "from gpxstage import text", "text.py": for_types, "units.py": for_types}
    assert _circles(sources) == [["geo.py", "text.py"]]
    door = {"plot/__init__.py": "from .axes import draw", "plot/axes.py": "from . import Picture"}
    assert _circles(door) == [["plot/__init__.py", "plot/axes.py"]]
    assert _circles({"geo.py": "", "text.py": "from gpxstage import geo, walltime"}) == []


def test_the_package_is_found() -> None:
    assert (PACKAGE / "course.py").is_file()


LONG = "\n".join(["def long():", '    """Fine: this line does not count."""', *["    x = 1"] * 40])

VIOLATIONS = [
    (layers, "course.py", "from gpxstage.profile import measure"),
    (layers, "course.py", "from gpxstage import geo, profile"),
    (layers, "course.py", "def late():\n    import gpxstage.plot"),
    (layers, "course.py", "from . import cli"),
    (layers, "course.py", "from gpxstage.units import hours"),
    (layers, "units.py", "from gpxstage.course import one_line"),
    (layers, "clean.py", "from gpxstage.matching import match"),
    (layers, "report/page.py", "from gpxstage.plot import draw"),
    (layers, "report/page.py", "from ..folder import write"),
    (layers, "profile.py", "from gpxstage import Runner"),
    (layers, "profile.py", "import gpxstage"),
    (layers, "geo.py", "if TYPE_CHECKING:\n    from gpxstage.course import Array"),
    (layers, "plot/compared.py", "if TYPE_CHECKING:\n    from gpxstage.training import weeks"),
    (layers, "utils.py", "x = 1"),
    (homes, "profile.py", "import scipy.ndimage"),
    (homes, "estimator/engine.py", "def f():\n    from scipy import optimize"),
    (homes, "report/rows.py", "from matplotlib.figure import Figure"),
    (homes, "report/__init__.py", "import jinja2"),
    (homes, "manifest.py", "from xml.parsers import expat"),
    (effects, "estimator/gait.py", "from gpxstage.estimator.stops import standing"),
    (effects, "estimator/gait.py", "from . import daylight"),
    (effects, "estimator/gait.py", "if TYPE_CHECKING:\n    from .engine import PushGround"),
    (effects, "estimator/runner.py", "if TYPE_CHECKING:\n    from .nouns import Push"),
    (effects, "estimator/stops.py", "from gpxstage.estimator import engine"),
    (effects, "estimator/engine.py", "from gpxstage.estimator.fit import fit"),
    (effects, "estimator/draws.py", "from gpxstage.estimator import estimate"),
    (effects, "estimator/judgement.py", "from .gait import Walking"),
    (sizes, "geo.py", "x = 1\n" * 401),
    (sizes, "geo.py", LONG),
    (names, "geo.py", "A, B = 1, 2\nB = 3"),
    (prints, "report/rows.py", "print(1)"),
    (leftovers, "geo.py", "x = 1  # TODO"),
    (docstrings, "geo.py", "x = 1"),
    (docstrings, "geo.py", '"""A module."""\ndef f(): ...'),
    (docstrings, "geo.py", '"""A module."""\nclass C: ...'),
]


@pytest.mark.parametrize(("rule", "rel", "source"), VIOLATIONS)
def test_a_violation_is_found(rule: Rule, rel: str, source: str) -> None:
    assert len(rule(rel, source)) == 1


ALLOWED = [
    (layers, "course.py", "if TYPE_CHECKING:\n    from gpxstage.geo import Grid"),
    (layers, "profile.py", "from gpxstage import geo\nfrom gpxstage.course import frozen"),
    (layers, "plot/axes.py", "from gpxstage.plot.style import INK\nfrom .style import INK"),
    (layers, "cli/main.py", "import gpxstage.batch\nfrom gpxstage.facts.analysis import analyze"),
    (layers, "report/export.py", "from gpxstage import __version__"),
    (homes, "plot/axes.py", "from matplotlib.figure import Figure"),
    (homes, "estimator/fit.py", "def f():\n    from scipy.optimize import least_squares"),
    (homes, "report/export.py", "import xml.etree.ElementTree\nimport clicking"),
    (effects, "estimator/gait.py", "from gpxstage.estimator import judgement"),
    (effects, "estimator/gait.py", "if TYPE_CHECKING:\n    from .runner import Runner"),
    (effects, "estimator/engine.py", "from gpxstage.estimator import stops, gait, runner"),
    (effects, "estimator/fit.py", "from gpxstage.estimator.engine import run"),
    (effects, "estimator/__init__.py", "from gpxstage.estimator.fit import fit"),
    (sizes, "geo.py", "x = 1\n" * 400),
    (names, "geo.py", "A = 1\nA += 1\nB = A"),
    (sizes, "geo.py", LONG.removesuffix("\n    x = 1")),
    (prints, "cli/main.py", "print(1)"),
    (docstrings, "geo.py", '"""A module."""\ndef _f(): ...\nclass _C: ...'),
]


@pytest.mark.parametrize(("rule", "rel", "source"), ALLOWED)
def test_what_is_allowed_passes(rule: Rule, rel: str, source: str) -> None:
    assert rule(rel, source) == []
