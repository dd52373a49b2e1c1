"""Data Docs: a page for each suite as Great Expectations renders it, in the home's ``data_docs/``, and their index.

Belongs here: the site's files. Does not: what was found (suites.py).

The library's pages fetch styles and scripts of eleven addresses of the web. A home must be readable without any of
them: these are taken out, and a style of our own makes the same text readable. A page is replaced by the next run of
its suite, so that the site does not grow; what was found before is in Dagster.
"""

import html
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from great_expectations.core import ExpectationSuiteValidationResult
from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
from great_expectations.render.view.view import DefaultJinjaPageView

from ingestion.clock import iso, now
from ingestion.home import home
from ingestion.writes import write_atomically

REMOTE = re.compile(
    r"<link[^>]*https://[^>]*>|<script\b.*?</script>|<img[^>]*https://[^>]*>|<footer.*?</footer>|"
    r"url\('https://[^)]*\)|<a href=\"\.\./[^>]*>",
    re.S,
)
STYLE = r"""<style>
body {font-family: system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; line-height: 1.45}
table {border-collapse: collapse; margin: .5rem 0} td, th {border: 1px solid #ccc; padding: .3rem .6rem}
.ge-walkthrough-modal, .modal, .navbar, .cooltip .tooltip-text, .sticky, a[data-toggle] {display: none}
.text-success::before {content: "\2713"; color: green} .text-danger::before {content: "\2717"; color: #b00}
.collapse {display: block} .breadcrumb {list-style: none; padding: 0}
</style>"""


def folder() -> Path:
    """Where the site lies."""
    return home() / "data_docs"


@cache
def _view() -> DefaultJinjaPageView:
    """One for all pages: each compiles every template anew, half of what a suite takes."""
    return DefaultJinjaPageView()


def page_of(suite: str) -> Path:
    """The page of a suite."""
    return folder() / f"{suite}.html"


def write_page(suite: str, result: ExpectationSuiteValidationResult, red: Iterable[str]) -> None:
    """Replaces the page of a suite, and the index. ``red``: what was found, in words, which stands first: the library
    names rows only beside their values, and those are for nobody here."""
    text = _view().render(ValidationResultsPageRenderer().render(result))  # type: ignore[no-untyped-call]
    wrong = sum(not one.success for one in result.results)
    summary = f"{len(result.results) - wrong} of {len(result.results)} as expected, {iso(now())[:19]}Z"
    text = REMOTE.sub("", text).replace("</head>", f"{STYLE}</head>", 1)
    said = "".join(f"<li>{html.escape(one)}</li>" for one in red)
    text = text.replace("<body>", f'<body><p><a href="index.html">all suites</a> · {summary}</p><ul>{said}</ul>', 1)
    write_atomically(page_of(suite), f"<!-- {summary} -->\n{text}")
    lines = []
    for page in sorted(folder().glob("*.html")):
        if page.stem != "index":
            with page.open() as file:
                said = file.readline().removeprefix("<!-- ").removesuffix(" -->\n")
            lines.append(
                f'<li><a href="{html.escape(page.name)}">{html.escape(page.stem)}</a>: {html.escape(said)}</li>'
            )
    title = "Expectations of what landed and of the marts"
    index = f"<!DOCTYPE html><title>{title}</title>{STYLE}<h1>{title}</h1><ul>{''.join(lines)}</ul>"
    write_atomically(folder() / "index.html", index)
