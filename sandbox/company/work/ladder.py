"""What work is for: initiatives above epics, a theme above one of these, and links between issues.

Belongs here: initiatives, which epics are under them and what they are under, links of everyday work, the company's
file that says which key results they serve. Does not: odd links (cases.py), goals (sandbox/company/goals.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from random import Random

from sandbox.company.structure import DatedRow
from sandbox.company.work import site
from sandbox.company.work.everyday import Epics
from sandbox.company.work.issues import Book, IssueWriter
from sandbox.timestamps import DAY, HOUR, ms

DAYS = (date(2026, 5, 4), date(2026, 5, 23))
TITLES = ("Paying anywhere", "A shop that sells by itself", "Figures for everybody", "Fewer nights on call")
UNDER = {("PAY", 0): 0, ("PAY", 1): 0, ("PAY", 2): 1, ("SHOP", 0): 1, ("SHOP", 1): 2, ("SHOP", 2): 1, ("OPS", 0): 3}
"""By project and number of the epic, the initiative. Epics of LAB and INS are under none."""
MOVED = ("PAY", 1), ms("2026-02-11T10:00:00Z"), 1
"""An epic that goes to another initiative in mid-quarter."""
CLAIMED = ((1, ("PAY", 0), ms("2025-09-15T09:00:00Z")), (2, ("INS", 1), ms("2026-04-20T09:00:00Z")))
"""Epics that an initiative claims by a link: one is under another, one under none."""
LINKED = 0.06  # of the stories
SERVED: tuple[tuple[int | tuple[str, int], tuple[tuple[str, str], ...]], ...] = (
    (0, (("1", ""),)),
    (1, (("1", "0.5"), ("2", "0.3"))),  # a fifth of it is for no key result
    (2, (("5", ""), ("6", ""))),
    (("INS", 0), (("3", ""),)),  # an epic by itself
    (4, (("4", "0.4"),)),
)
"""By initiative, epic or theme, the key results of each cycle with shares. The last initiative is named for none."""
THEME, UNDER_THEME = "Running day and night", (3, ms("2026-02-03T10:00:00Z"))


def initiatives(book: Book, epics: Epics) -> list[IssueWriter]:
    """Four of them, in a project of their own, and the epics that are put under them in the weeks after; then a theme,
    and one of them goes under that."""
    draws = Random("initiatives")
    found = [
        IssueWriter(book, site.START + (2 + n) * HOUR, "PLAN", "Initiative", summary=title, author=lead(book))
        for n, title in enumerate(TITLES)
    ]
    for (project, number), place in UNDER.items():
        epic = epics[project][number]
        book.place(epic.created + draws.randrange(1, 20) * DAY + HOUR, epic, found[place], None)
    (project, number), at, place = MOVED
    book.place(at, epics[project][number], found[place], found[UNDER[project, number]])
    for initiative, (project, number), at in CLAIMED:
        book.link(at, found[initiative], site.SERVES, epics[project][number])
    theme = IssueWriter(book, site.START + (2 + len(found)) * HOUR, "PLAN", "Theme", summary=THEME, author=lead(book))
    number, at = UNDER_THEME
    book.place(at, found[number], theme, None)
    return [*found, theme]


def lead(book: Book) -> str:
    return book.people[0].account_id


def links(book: Book, stories: Sequence[IssueWriter], seed: int) -> None:
    """Some stories block another one, mostly of another project; now and then it is found when that has begun."""
    draws = Random(f"links {seed}")  # draws of its own: more links move nothing else
    known = [story for story in stories if story.deleted_at is None]
    for story in known:
        if draws.random() < LINKED:
            other = draws.choice(known)
            at = max(story.created, other.created) + draws.randrange(1, 20 * 24) * HOUR + draws.randrange(HOUR)
            kind = draws.choice((site.BLOCKS, site.BLOCKS, site.DEPENDS, site.RELATES))
            if other is not story and at < site.END:
                book.link(at, story, kind, other)


def goal_links(above: Sequence[IssueWriter], epics: Epics, cycles: Sequence[DatedRow]) -> list[DatedRow]:
    """The rows of goal_links.csv, once issues have keys, each known from the day on which its cycle was written. One
    names an issue that there never was, one holds for some days of the cycle alone."""
    found = []
    for cycle in cycles:
        name = cycle.values[0]
        for who, serves in SERVED:
            key = above[who].key if isinstance(who, int) else epics[who[0]][who[1]].key
            found += [DatedRow((key, f"{name}-KR{one}", share, "", ""), cycle.known_from) for one, share in serves]
        if name == "FY26-Q2":
            on_call = epics["OPS"][1].key
            found.append(DatedRow(("GONE-1", f"{name}-KR1", "", "", ""), cycle.known_from))
            found.append(DatedRow((on_call, f"{name}-KR4", "", str(DAYS[0]), str(DAYS[1])), cycle.known_from))
    return found
