"""What stands in the HTML page of a pack.

Belongs here: its texts, the exact values and tags beside its figures, the data of its charts, its scripts. Does not:
which text stands where (serving/board/html.py).
"""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from lxml import etree, html

from serving.board.carried import VerifyError
from serving.board.carried import opened as unsealed
from serving.board.figures import Figure
from serving.board.html import charts, exact, policy, tag
from serving.board.html import declared as texts
from serving.board.page import Chart, Pack, Table, Text
from serving.board.proof.found import Found, Opened, Place

ATTRIBUTES = {
    *("lang", "charset", "http-equiv", "content", "name", "class", "id", "href", "type", "scope", "role"),
    *("data-slot", "data-alt", "aria-label", "value", "title"),
}
"""None of which but the last three is seen."""


def opened(document: bytes, file: Path) -> Opened:
    """A page with what it carries."""
    try:
        tree = html.document_fromstring(document, parser=html.HTMLParser(encoding="utf-8", huge_tree=True))
    except etree.LxmlError as error:
        raise VerifyError(f"{file.name} is no HTML page ({error}); verify the file as prodops board made it") from None
    if (script := tree.find(".//script[@id='pack']")) is None:
        raise VerifyError(f"{file.name} has no tags: prodops did not make it; verify the file as prodops board made it")
    pack, is_sealed = unsealed(script.text or "", Pack, file.name)
    return Opened(pack, is_sealed, partial(_declared, pack), _read(tree))


def _declared(pack: Pack) -> dict[Place, Text]:
    """Every text, the exact value and the tag of each figure in it, what is read aloud, and the data of charts."""
    found: dict[Place, Text] = {("title", "pack/title"): (pack.title,)}
    for slot, text in texts(pack).items():
        found["text", slot] = text
        for place, figure in enumerate(part for part in text if isinstance(part, Figure)):
            found["values", f"{slot}#{place}"] = (exact(figure),)
            found["tags", f"{slot}#{place}"] = (tag(figure),)
    for page in pack.pages:
        for at, block in enumerate(page.blocks):
            if isinstance(block, Chart | Table):
                found["labels", f"{page.id}/{at}"] = (block.alt,)
    found.update((("charts", path), (text,)) for path, text in _leaves("", charts(pack)))
    return found


def _read(tree: Any) -> Iterator[Found | str]:
    """Every text and attribute that is seen or heard, and the data of charts."""
    for text in tree.xpath(
        "//text()[not(ancestor::title or ancestor::script or ancestor::style or ancestor::*[@data-slot])]"
    ):
        yield Found("text", None, f"line {text.getparent().sourceline}", str(text))
    yield from (
        Found("title", "pack/title", "the title of the page", one.text or "") for one in tree.iterfind(".//title")
    )
    for element in tree.iter(etree.Element):
        yield from _of_element(element)
    scripts = [one.text or "" for one in tree.iterfind(".//script") if not one.get("type")]
    styles = [one.text or "" for one in tree.iterfind(".//style")]
    if [one.get("content") for one in tree.iterfind(".//meta[@http-equiv]")] != [policy(scripts, styles)]:
        yield "a script, the style or the policy of the page was edited"
    for data in tree.iterfind(".//script[@id='charts']"):
        for path, text in _leaves("", json.loads(data.text or "")):
            yield Found("charts", path, f"data of charts, {path}", text)


def _of_element(element: Any) -> Iterator[Found | str]:
    where = f"line {element.sourceline}, {element.tag}"
    if slot := element.get("data-slot"):
        yield Found("text", slot, f"{where} of {slot}", element.text_content())
        for place, figure in enumerate(element.iterfind(".//data")):
            yield Found("values", f"{slot}#{place}", f"{where} of {slot}, exact value", figure.get("value", ""))
            yield Found("tags", f"{slot}#{place}", f"{where} of {slot}, tag", figure.get("title", ""))
    elif element.tag != "data":
        for name in ("aria-label", "value", "title"):
            if said := element.get(name):
                yield Found("labels", element.get("data-alt"), f"{where}, {name}", said)
    yield from (f"{where}: has {name}, and the pack has none" for name in sorted(set(element.keys()) - ATTRIBUTES))


def _leaves(path: str, value: object) -> Iterator[tuple[str, str]]:
    """Every text and number of JSON by its path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(f"{path}.{key}".removeprefix("."), inner)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _leaves(f"{path}[{place}]", inner)
    elif value is not None:
        yield path, str(value)
