"""Laws of the runbook: each error that a person can get has its section, each section its error and its drill."""

import ast
import re
from pathlib import Path

from cli.main import main
from tests.runbook import PAGES, SHOWN, sections

ROOT = Path(__file__).parents[1]
ROOMS = ("cli", "orchestration", "planning", "serving", "quality", "ingestion")
DRILL = re.compile(r'drill\(\s*"(\w+)"')


def errors() -> set[str]:
    """Names of the classes that are made of ProdopsError, itself left out."""
    trees = [ast.parse(path.read_text()) for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    bases = {one.name: {base.id for base in one.bases if isinstance(base, ast.Name)} for one in classes}
    found, known = set[str](), {"ProdopsError"}
    while found != (found := {name for name, its in bases.items() if its & (known | found)}):
        pass
    return found


def test_each_error_has_a_section_and_each_section_an_error() -> None:
    """Without it somebody reads an error at night and finds nothing, or reads of one that is gone."""
    assert len(errors()) > 8
    assert errors() == set(sections())


def test_each_section_says_what_is_seen_why_and_what_to_do() -> None:
    for name, (_, text) in sections().items():
        assert SHOWN.search(text), name
        assert "**Why.**" in text, name
        assert "**What to do.**" in text, name


def test_each_section_has_a_drill_that_provokes_the_error() -> None:
    drilled = {name for path in (ROOT / "tests").rglob("*.py") for name in DRILL.findall(path.read_text())}
    assert drilled == set(sections())


def test_the_index_has_each_exit_code_and_each_error_once() -> None:
    index = (PAGES / "README.md").read_text()
    assert re.findall(r"^\[(\w+)\]\(", index, re.M) == sorted(sections())
    codes = {int(code) for code in re.findall(r"^\| (\d+) \|", index, re.M)} - {0, 130}
    assert codes == {code for code, _ in sections().values()}
    assert {int(code) for code in re.findall(r"\b(\d) ", str(main.help))} == codes | {0}
