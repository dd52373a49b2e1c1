"""Laws of the documents: links and names lead somewhere, and each decision says what a reader looks for.

Belongs here: what holds for every Markdown file. Does not: whether a sentence is true.
"""

import re
from collections import Counter
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[1]
DECISIONS = ROOT / "docs" / "decisions"
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
FILE = re.compile(r"[\w.-]+(/[\w.-]+)+\.(py|sql|yml|yaml|csv|txt|md)")
NODE = re.compile(r"(base|stg|int|dim|fct|bridge|mart|assert)_\w*[a-z]")
SECTIONS = ["Context", "Decision", "Consequence", "Switch"]


def documents() -> list[Path]:
    """All of the project; not those of installed packages and of homes, which lie in hidden folders."""
    rooms = [path for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")]
    return [*ROOT.glob("*.md"), *(document for room in rooms for document in room.rglob("*.md"))]


def decisions() -> list[Path]:
    return sorted(path for path in DECISIONS.glob("*.md") if path.name != "README.md")


def anchors(path: Path) -> set[str]:
    """The headings of a document as GitHub links them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_relative_link_leads_to_a_file_and_a_heading() -> None:
    broken = []
    links = 0
    for document in documents():
        for target in LINK.findall(document.read_text()):
            if "://" in target or target.startswith("mailto:"):
                continue
            links += 1
            name, _, anchor = target.partition("#")
            path = (document.parent / name).resolve() if name else document
            if not path.exists() or (anchor and anchor not in anchors(path)):
                broken.append(f"{document.relative_to(ROOT)}: {target}")
    assert links, "no document links to another: the pattern finds nothing"
    assert broken == []


def test_every_file_and_dbt_name_that_a_document_mentions_is_there() -> None:
    """A rule whose switch has another name by now sends its reader nowhere."""
    project = ROOT / "dbt_project"
    nodes = {path.stem for path in project.rglob("*.sql")}
    files = []
    stale = []
    for document in documents():
        for name in CODE.findall(document.read_text()):
            is_there = True
            if FILE.fullmatch(name):
                files.append(name)
                is_there = any((folder / name).exists() for folder in (ROOT, project))
            elif NODE.fullmatch(name):
                is_there = name in nodes
            if not is_there:
                stale.append(f"{document.relative_to(ROOT)}: {name}")
    assert files, "no document names a file: the pattern finds nothing"
    assert stale == []


def test_every_decision_has_a_date_and_the_four_sections_with_text() -> None:
    assert decisions()
    for path in decisions():
        text = path.read_text()
        dated = re.search(r"^Date: (\S+)$", text, re.MULTILINE)
        assert dated, f"{path.name}: no date"
        date.fromisoformat(dated[1])
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS, path.name
        parts = re.split(r"^## .+$", text, flags=re.MULTILINE)[1:]
        assert all(part.strip() for part in parts), f"{path.name}: a section is empty"


def test_decisions_are_numbered_without_gaps_and_titled_as_their_file() -> None:
    for number, path in enumerate(decisions(), start=1):
        assert path.name.startswith(f"{number:04d}-"), f"{path.name}: number {number} is missing or there twice"
        title = path.read_text().splitlines()[0].removeprefix(f"# {number:04d}. ")
        slug = re.sub(r"[^a-z0-9]+", "-", title.lower().replace("'", "")).strip("-")
        assert path.stem == f"{number:04d}-{slug}", path.name


def test_the_indexes_list_every_decision_and_every_metric_page_once() -> None:
    for folder in (DECISIONS, ROOT / "docs" / "metrics"):
        listed = Counter(LINK.findall((folder / "README.md").read_text()))
        pages = {path.name for path in folder.glob("*.md")} - {"README.md"}
        assert pages
        assert {name: listed[name] for name in pages} == dict.fromkeys(pages, 1)
