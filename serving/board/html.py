"""The pack as one page for a browser: nothing is loaded from anywhere, and charts answer to the mouse.

Belongs here: which text stands in which slot of the page, the data of its charts, what the page may do. Does not: what
is on a page (page.py), how it looks (assets/), reading a page back (proof/html.py).

Charts are drawn by Vega-Lite, whose bundle is in the page. The policy of the page allows its own two scripts by their
hashes, and Vega interprets expressions instead of evaluating them, so nothing that a name holds can ever run.
"""

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import vl_convert
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from serving.board import palette
from serving.board.carried import sealed
from serving.board.figures import Figure
from serving.board.page import Block, Chart, Pack, Table, Text, figures, floor, said, texts

ASSETS = Path(__file__).parent / "assets"
VEGA_LITE = "6.4"


def render(pack: Pack) -> bytes:
    """The page; the same pack makes the same bytes."""
    colours = {role: f"#{palette.rgb(role)}" for chart in charts(pack) for role in chart["roles"]}
    scripts = [_bundle(), f"const PALETTE = {json.dumps(colours)};\n{_asset('page.js')}"]
    style = _asset("page.css") + "".join(
        f".{_tint(role)} {{ color: #{palette.rgb(role)}; }}\n" for role in _tints(pack)
    )
    page = Environment(
        loader=FileSystemLoader(ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    ).get_template("page.html")
    return page.render(
        pack=pack,
        texts=declared(pack),
        notices=len(notices(pack)),
        tags={one.id: [f"{one.id}/tag/{place}" for place, _ in enumerate(figures(one))] for one in pack.pages},
        kind=_kind,
        is_beside=lambda page: [_kind(block) for block in page.blocks] == ["chart", "notes"],
        look=_look,
        exact=exact,
        tag=tag,
        policy=policy(scripts, [style]),
        style=Markup(style),
        charts=_data(charts(pack)),
        carried=Markup(sealed(pack)),
        vega=Markup(scripts[0]),
        script=Markup(scripts[1]),
    ).encode()


def policy(scripts: Sequence[str], styles: Sequence[str]) -> str:
    """What the page may do: run these scripts, look like this, load nothing. Vega sets style attributes of what it
    draws."""
    runs, looks = (" ".join(map(_hash, texts)) for texts in (scripts, styles))
    return (
        f"default-src 'none'; script-src {runs}; style-src-elem {looks}; style-src-attr 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'"
    )


def declared(pack: Pack) -> dict[str, Text]:
    """Every text of the page by its slot."""
    return dict(_declared(pack))


def _declared(pack: Pack) -> Iterator[tuple[str, Text]]:
    yield "pack/title", (pack.title,)
    yield "pack/about", (f"{pack.audience_name}, as of {said(pack.as_of)}",)
    for place, notice in enumerate(notices(pack)):
        yield f"pack/notice/{place}", (notice,)
    yield (
        "pack/origin",
        (f"Snapshot {pack.snapshot_id} published {said(pack.published_at)}, made by prodops {pack.code_version}.",),
    )
    for page in pack.pages:
        yield f"{page.id}/link", (page.topic,)
        if page.as_of:
            yield f"{page.id}/as_of", (f"As of {said(page.as_of)}",)
        yield from texts(page)
        for place, (_, figure) in enumerate(figures(page)):
            row: Text = (
                figure,
                figure.name,
                figure.metric,
                figure.slice,
                figure.period,
                said(figure.as_of),
                figure.reference,
            )
            yield from ((f"{page.id}/tag/{place}/{column}", (cell,)) for column, cell in enumerate(row))


def notices(pack: Pack) -> list[str]:
    """What a reader must know before the first figure."""
    found = [f"Made-up figures: {pack.company} is no real company."] if pack.is_made_up else []
    return found + ([] if pack.is_final else [f"The books of {pack.period} are open: its figures may change."])


def _kind(block: Block) -> str:
    return type(block).__name__.lower()


def _look(table: Table, row: int, column: int) -> str:
    """The classes of a cell."""
    tints = [_tint(role) for at, place, role in table.tints if (at, place) == (row, column)]
    return " ".join(tints + (["number"] if column >= table.words else []))


def _tint(role: str) -> str:
    return f"tint-{role.replace(':', '-')}"


def _tints(pack: Pack) -> list[str]:
    tables = [block for page in pack.pages for block in page.blocks if isinstance(block, Table)]
    return sorted({role for table in tables for _, _, role in table.tints})


def charts(pack: Pack) -> list[dict[str, Any]]:
    """What the page's script draws."""
    return [
        _chart(f"{page.id}/{at}", block)
        for page in pack.pages
        for at, block in enumerate(page.blocks)
        if isinstance(block, Chart)
    ]


def _chart(slot: str, chart: Chart) -> dict[str, Any]:
    found = [
        (place, point, series, figure)
        for place, series in enumerate(chart.series)
        for point, figure in enumerate(series.figures)
        if figure and figure.value is not None
    ]
    form = found[0][3].form if found else None
    return {
        "slot": slot,
        "kind": chart.kind,
        "form": {"scale": form.scale, "prefix": form.prefix, "suffix": form.suffix} if form else None,
        "categories": list(chart.categories),
        "floor": None if (lowest := floor(chart)) is None else str(lowest),
        "roles": sorted({role for series in chart.series for role in series.colours or [series.colour]}),
        "own": any(series.colours for series in chart.series),
        "series": [{"name": series.name, "colour": series.colour} for series in chart.series],
        "rows": [
            {
                "slot": f"{slot}/{place}/{point}",
                "category": chart.categories[point],
                "series": series.name,
                "colour": series.colours[point] if series.colours else series.colour,
                "value": exact(figure),
                "text": figure.text,
                "tag": tag(figure),
            }
            for place, point, series, figure in found
        ],
    }


def exact(figure: Figure) -> str:
    """Its value with all digits, as browsers read numbers; nothing where there is none."""
    return "" if figure.value is None else str(figure.value)


def tag(figure: Figure) -> str:
    """What it is, in a line."""
    return f"{figure.name}, {figure.metric}, {figure.slice}, {figure.period}, as of {said(figure.as_of)}"


@cache
def _bundle() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script: 0.9 MB, put together in 1.4 CPU-s."""
    return str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", VEGA_LITE))


def _asset(name: str) -> str:
    return (ASSETS / name).read_text()


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _data(value: object) -> Markup:
    """JSON that can't end the element in which it stands."""
    return Markup(json.dumps(value, separators=(",", ":")).replace("<", "\\u003c"))
