"""One digit changed somewhere in a file of a board pack: does its proof see it?

Belongs here: where in each form of file digits of numbers stand, changing one at random, the count of those that went
unseen. Does not: the proof (serving/board/verify.py), making packs.

The bytes of a file are changed, not what a library reads of it, so that the proof meets what an editor would leave.
"""

import io
import random
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from lxml import etree

from serving.board.carried import VerifyError
from serving.board.verify import verify

Alter = Callable[[bytes, random.Random], bytes]
SPACES = {
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
    "s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
}
CELLS = {"xl/worksheets/sheet": "//s:c[not(@t)]/s:v", "xl/sharedStrings": "//s:t"}
"""Numbers and texts of a workbook."""
SEEN = re.compile(r'>([^<]+)<|(?:value|title|aria-label)="([^"]*)"')
"""What a page for browsers shows or says."""
DATA = re.compile(r'<script type="application/json"[^>]*>(.*?)</script>', re.S)
CODE = re.compile(r"<(script|style)(?![^>]*json)[^>]*>.*?</\1>|<head>.*?</head>", re.S)


def digit(text: str, chance: random.Random) -> str:
    """The text with one of its digits another one."""
    place = chance.choice([place for place, one in enumerate(text) if one.isascii() and one.isdigit()])
    other = chance.choice([one for one in "0123456789" if one != text[place]])
    return text[:place] + other + text[place + 1 :]


def has_digit(text: str | None) -> bool:
    return text is not None and re.search(r"\d", text, re.ASCII) is not None


def in_part(document: bytes, chance: random.Random, paths: Mapping[str, str]) -> bytes:
    """Changes a text of one of the parts of an Office file that begin so, among the elements of the path."""
    with zipfile.ZipFile(io.BytesIO(document)) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    trees = {
        name: etree.fromstring(parts[name]) for name in parts if name.startswith(tuple(paths)) and name.endswith(".xml")
    }
    found = [
        (name, element)
        for name, tree in trees.items()
        for start, path in paths.items()
        if name.startswith(start)
        for element in tree.xpath(path, namespaces=SPACES)
        if has_digit(element.text)
    ]
    name, element = chance.choice(found)
    element.text = digit(element.text, chance)
    parts[name] = etree.tostring(trees[name], xml_declaration=True, encoding="UTF-8", standalone=True)
    return zipped(parts)


def zipped(parts: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return file.getvalue()


def text(document: bytes, chance: random.Random) -> bytes:
    """Of a slide or of its notes."""
    return in_part(document, chance, {"ppt/slides/slide": "//a:t[not(ancestor::a:tbl)]", "ppt/notesSlides/": "//a:t"})


def table(document: bytes, chance: random.Random) -> bytes:
    return in_part(document, chance, {"ppt/slides/slide": "//a:tbl//a:t"})


def chart(document: bytes, chance: random.Random) -> bytes:
    return in_part(document, chance, {"ppt/charts/chart": "//c:v"})


def workbook_in_chart(document: bytes, chance: random.Random) -> bytes:
    with zipfile.ZipFile(io.BytesIO(document)) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    name = chance.choice([name for name in parts if name.startswith("ppt/embeddings/")])
    return zipped({**parts, name: workbook(parts[name], chance)})


def workbook(document: bytes, chance: random.Random) -> bytes:
    return in_part(document, chance, CELLS)


def page(document: bytes, chance: random.Random) -> bytes:
    """Of what a page shows or of the data in it, as often of one as of the other."""
    content = document.decode()
    if chance.random() < 0.5:
        code = [found.span() for found in CODE.finditer(content)] + [found.span() for found in DATA.finditer(content)]
        spans = [
            found.span(found.lastindex)
            for found in SEEN.finditer(content)
            if found.lastindex and not any(start <= found.start() < end for start, end in code)
        ]
    else:
        spans = [found.span(1) for found in DATA.finditer(content)]
    start, end = chance.choice([span for span in spans if has_digit(content[slice(*span)])])
    return (content[:start] + digit(content[start:end], chance) + content[end:]).encode()


def sidecar(document: bytes, chance: random.Random) -> bytes:
    return digit(document.decode(), chance).encode()


ALTERATIONS: Mapping[str, tuple[str, Alter]] = {
    "text": ("board.pptx", text),
    "table": ("board.pptx", table),
    "chart XML": ("board.pptx", chart),
    "embedded workbook": ("board.pptx", workbook_in_chart),
    "XLSX": ("board.xlsx", workbook),
    "HTML": ("board.html", page),
    "JSON": ("board.json", sidecar),
}


def outcomes(pack: Path, home: Path, scratch: Path, seeds: Iterable[int]) -> Iterator[tuple[int, str, list[str]]]:
    """Of each seed the kind of alteration and what its proof says. The kinds take turns."""
    files = {path.name: path.read_bytes() for path in pack.iterdir()}
    for seed in seeds:
        kind = list(ALTERATIONS)[seed % len(ALTERATIONS)]
        name, alter = ALTERATIONS[kind]
        for other, content in files.items():
            (scratch / other).write_bytes(content)
        (scratch / name).write_bytes(alter(files[name], random.Random(seed)))
        try:
            yield seed, kind, list(verify(scratch / name, home).problems)
        except VerifyError as error:
            yield seed, kind, [str(error)]


def altered(pack: Path, home: Path, scratch: Path, number: int) -> dict[str, object]:
    """So many alterations of a pack, after the untouched files were proven."""
    red = [f"{path.name}: {problem}" for path in sorted(pack.iterdir()) for problem in verify(path, home).problems]
    found = list(outcomes(pack, home, scratch, range(number)))
    return {
        "verify_untouched_red": red,
        "verify_alterations": dict(Counter(kind for _, kind, _ in found)),
        "verify_seeds": [0, number - 1],
        "verify_seen": sum(1 for _, _, problems in found if problems),
        "verify_unseen": [f"seed {seed}, {kind}" for seed, kind, problems in found if not problems],
    }
