"""The figures of a pack beside the rows of the snapshot that it names.

Belongs here: looking each row up again, and what a pack says of itself. Does not: what a file shows of it (the modules
of forms).
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from ingestion import sql
from ingestion.errors import ProdopsError
from serving.board.book import BOARD, Book, Row, as_text, audience_of
from serving.board.carried import VerifyError
from serving.board.figures import Figure
from serving.board.page import Pack, Page, figures
from serving.published import Snapshot, folder

OF_SNAPSHOT = ("snapshot_id", "published_at", "code_version", "company", "is_made_up")
"""What a pack says as the manifest does."""
Key = tuple[str, tuple[tuple[str, str], ...]]


def snapshot_of(home: Path, pack: Pack) -> Snapshot:
    """The snapshot that a pack names. Raises ``VerifyError`` where it is not kept."""
    found = folder(home) / "snapshots" / pack.snapshot_id
    if not (found / "manifest.json").is_file():
        raise VerifyError(
            f"snapshot {pack.snapshot_id}, which the file names, is not in {found.parent}; verify the file where it "
            "was made: PRODOPS_HOME names the home, --seed another made-up company"
        )
    return Snapshot(found, json.loads((found / "manifest.json").read_text()))


def differences(snapshot: Snapshot, pack: Pack) -> Iterator[str]:
    """A line for each tag that is not what the snapshot holds."""
    for name in OF_SNAPSHOT:
        if (value := getattr(pack, name)) != (held := snapshot.manifest[name]):
            yield f"the pack says {name} {value!r}, and its snapshot {held!r}"
    try:
        book = Book(snapshot, audience_of(snapshot, pack.audience), pack.period)
    except ProdopsError as error:
        yield f"the pack says that it is of {pack.audience} for {pack.period}, of which its snapshot has none: {error}"
        return
    with book:
        if pack.is_final != book.is_final:
            said = "closed" if pack.is_final else "open"
            yield f"the pack says that the books of {pack.period} are {said}: they are not"
        rows = _rows(book, {_key(figure) for page in pack.pages for _, figure in figures(page)})
        for page in pack.pages:
            for slot, figure in figures(page):
                yield from _compared(slot, figure, rows.get(_key(figure)))
            yield from _of_page(book, page)


def _key(figure: Figure) -> Key:
    return figure.table, tuple(figure.key.items())


def _rows(book: Book, wanted: set[Key]) -> dict[Key, Row]:
    """The rows that figures name, each by its key; without those that are not there, or more than once."""
    found: dict[Key, Row] = {}
    for table, columns in book.keys.items():
        keys = [
            [text for _, text in key] for of, key in wanted if of == table and [name for name, _ in key] == [*columns]
        ]
        if not keys or table not in book.columns:
            continue
        texts = ", ".join(f"coalesce({sql.name(column)}::varchar, 'None')" for column in columns)
        # One look at the table, not one a figure.
        rows = book.rows(table, f"[{texts}] in (select unnest(?))", [keys])
        named = [(table, tuple((column, as_text(row[column])) for column in columns)) for row in rows]
        often = Counter(named)
        found |= {key: row for key, row in zip(named, rows, strict=True) if often[key] == 1}
    return found


def _compared(slot: str, figure: Figure, row: Row | None) -> Iterator[str]:
    if row is None or figure.measure not in row:
        yield f"{slot}: {figure.reference} is not in the snapshot"
        return
    # A page says how people call a figure and in what it is; of what it is, where no column says that.
    of = None if figure.table == BOARD else figure.slice
    again = row.figure(figure.measure, figure.form, figure.name, unit=figure.unit, of=of)
    for name in figure.__struct_fields__:
        tagged, held = getattr(figure, name), getattr(again, name)
        if name == "metric" and figure.table != BOARD:
            # The registry of today has the version of today; rows of the board's metrics keep their own.
            tagged, held = (metric.partition("@")[0] for metric in (tagged, held))
        if tagged != held:
            yield f"{slot}: {name} {tagged!r}, and the snapshot has {held!r} ({figure.reference})"


def _of_page(book: Book, page: Page) -> Iterator[str]:
    shown = [figure for _, figure in figures(page)]
    if page.as_of != (as_of := book.as_of(shown)):
        yield f"{page.id}: as of {page.as_of}, and its oldest figure is as of {as_of}"
    for mark in book.marks(shown):
        if mark not in page.marks:
            yield f"{page.id}: does not say {mark!r}"
