"""Goals and the roadmap: where they stand, what will come of them, what they cost so far.

Belongs here: objectives and key results that run with their probability, work by horizon with its money. Does not: what
anybody works on, which no pack shows by person.
"""

from collections.abc import Iterator, Sequence

from serving.board.book import Absent, Book, Row, entry_of
from serving.board.figures import Form, form_for
from serving.board.page import Cell, Page, Part, Table
from serving.board.pages.parts import cell, cut, name, page

OKR, ROADMAP = "mart_okr", "mart_roadmap_outcome"
STATES = {"on_track": "on track", "at_risk": "at risk", "off_track": "off track"}
OUTCOMES = {"reached": "reached", "missed": "missed"}
HORIZONS = {"now": "Now", "next": "Next", "later": "Later", "done": "Done"}
SHOWN = 14
PROBABILITY = Form(-2, 0, suffix="%")
ORDER = "objective_name, objective_id, goal_type = 'key_result', goal_name, goal_id"


def ended(book: Book) -> Iterator[Page]:
    """What became of the goals whose cycle ended in the period."""
    book.need(OKR)
    where = "is_latest and is_complete and status = 'active' and end_date between ? and ?"
    rows = book.rows(OKR, where, [book.start, book.end], ORDER)
    if not rows:
        raise Absent("no cycle of goals ended in this period")
    headline: list[Part] = [f"Goals of {book.period}: what was reached"]
    track = book.metric("objectives_on_track")
    if track is not None and track["numerator"] is not None:
        count = form_for("count", [])
        headline = [track.figure("numerator", count, "objectives on track", unit="count"), " of "]
        headline += [track.figure("denominator", count, "objectives", unit="count")]
        headline += [f" objectives were on track when {book.period} ended"]
    caption = f"{name(rows[0]['cycle_name'])}, as they ended"
    heads = ("Objective, key result", "Was", "Value", "Target", "Progress")
    for ending, number, some in cut(rows, SHOWN):
        yield page(book, f"goals-ended{ending}", f"Goals that ended{number}", headline, [_goals(caption, heads, some)])


def running(book: Book) -> Iterator[Page]:
    """Where goals stand whose cycle runs, and what will come of them."""
    book.need(OKR)
    rows = book.rows(OKR, "is_latest and not is_complete and status = 'active'", (), ORDER)
    if not rows:
        raise Absent("no cycle of goals runs")
    known = [row for row in rows if row["goal_type"] == "objective" and row["p_hit"] is not None]
    headline: list[Part] = [f"{name(rows[0]['cycle_name'])} run: where they stand"]
    if known:
        best = max(known, key=lambda row: row["p_hit"])
        headline = [
            f"Likeliest of the objectives that run: {name(best['goal_name'])}, all of it with a probability of "
        ]
        headline += [best.figure("p_hit", PROBABILITY, "probability", unit="ratio")]
    caption = f"{name(rows[0]['cycle_name'])}; probability that all is reached when they end, with its bounds"
    heads = ("Objective, key result", "Is", "Value", "Target", "Progress", "Probability", "At least", "At most")
    for ending, number, some in cut(rows, SHOWN):
        yield page(book, f"goals{ending}", f"Goals that run{number}", headline, [_goals(caption, heads, some)])


def _goals(caption: str, heads: tuple[str, ...], rows: Sequence[Row]) -> Table:
    cells = tuple(_goal(row)[: len(heads)] for row in rows)
    return Table(
        caption,
        heads,
        cells,
        f"Objectives and key results: {', '.join(heads[1:]).lower()}.",
        words=2,
        strong=tuple(place for place, row in enumerate(rows) if row["goal_type"] == "objective"),
        tints=tuple((place, 1, row["label"]) for place, row in enumerate(rows) if row["label"] in STATES),
    )


def _goal(row: Row) -> tuple[Cell, ...]:
    is_objective = row["goal_type"] == "objective"
    number = Form(decimals=_decimals(row), suffix=_unit(row["unit"]))
    values: list[Cell] = ["–", "–"]
    if not is_objective:
        values = [row.figure(one, number, one, unit="by_row") for one in ("value", "target_value")]
    shares = [
        row.figure("progress_ratio", PROBABILITY, "progress", unit="ratio"),
        row.figure("p_hit", PROBABILITY, "probability", unit="ratio"),
    ]
    bounds: list[Cell] = ["", ""]
    if is_objective:  # of a key result all three are the same
        bounds = [row.figure(one, PROBABILITY, one, unit="ratio") for one in ("p_hit_lowest", "p_hit_highest")]
    indent = "" if is_objective else "\u2003"
    state = OUTCOMES.get(row["label_reason"]) or STATES.get(row["label"], "not known")
    return (f"{indent}{name(row['goal_name'])}", state, *values, *shares, *bounds)


def _decimals(row: Row) -> int:
    """As many as the written target and value have, two at most."""
    shown = [value for one in ("value", "target_value") if (value := row.value(one)) is not None]
    return next((places for places in (0, 1) if all(round(value, places) == value for value in shown)), 2)


def _unit(unit: str | None) -> str:
    return "%" if unit == "percent" else ""


def roadmap(book: Book) -> Iterator[Page]:
    book.need(ROADMAP)
    order = "cost_to_date desc nulls last, item_name, item_id, promise_id"
    spent = "(cost_to_date > 0 or promised_date is not null)"
    rows = {
        horizon: book.rows(
            ROADMAP, f"horizon = ? and item_level = 'epic' and {spent}", [horizon], f"{order} limit {most}"
        )
        for horizon, most in (("now", 5), ("next", 3), ("later", 3), ("done", 3))
    }
    listed = [row for some in rows.values() for row in some]
    if not listed:
        raise Absent("no epic has a promise or any cost yet")
    costs = [row.value("cost_to_date") for row in listed]
    form = form_for("money", costs)
    table = Table(
        f"Largest by cost to date at standard rates, {book.currency}; promises as they were when work began",
        ("", "Epic", "Promised for", "Metric", "Promised", "Came of it", "Cost to date"),
        tuple(
            (
                HORIZONS[row["horizon"]] if row is some[0] else "",
                name(row["item_name"]),
                str(row["promised_date"] or "–"),
                _metric(row["metric"]),
                *_promise(row),
                cell(row.figure("cost_to_date", form, "cost to date", of=f"epic={row['item_id']}")),
            )
            for some in rows.values()
            for row in some
        ),
        "Epics by horizon with what was promised, what came of it and what they cost so far.",
        words=4,
    )
    dearest = max(rows["now"] or listed, key=lambda row: row["cost_to_date"] or 0)
    whole = form_for("money", [dearest.value("cost_to_date")], book.currency)
    headline: list[Part] = [
        f"The largest work {HORIZONS[dearest['horizon']].lower()}: {name(dearest['item_name'])}, ",
        dearest.figure("cost_to_date", whole, "cost to date", of=f"epic={dearest['item_id']}"),
        " so far",
    ]
    yield page(book, "roadmap", "Roadmap with its money", headline, [table])


def _metric(bound: str | None) -> str:
    """What people call the measure that was to change."""
    entry = entry_of(*bound.split(".", 1)) if bound and "." in bound else None
    return entry.name if entry else bound or "–"


def _promise(row: Row) -> tuple[Cell, Cell]:
    if row["promised_size"] is None:
        return "–", "–"
    form = Form(decimals=1, suffix="%" if row["size_kind"] == "percent" else "", is_signed=True)
    of = f"epic={row['item_id']}"
    promised = row.figure("promised_size", form, "promised", unit="by_row", of=of)
    if row["effect"] is None:
        return promised, "not identifiable"
    return promised, row.figure("effect", form, "effect", unit="by_row", of=of)
