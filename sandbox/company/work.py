"""Everyday work: epics, stories, tasks, bugs and sub-tasks whose lives are drawn at random from the seed.

Here belongs what is usual. What is unusual and must be there for every seed is a labelled case (cases.py).
"""

from __future__ import annotations

from collections.abc import Callable

from sandbox.company import site
from sandbox.company.book import Book, Story
from sandbox.company.structure import FIELD_TEAMS
from sandbox.moments import DAY, HOUR, MINUTE

VERBS = ("Add", "Fix", "Speed up", "Rework", "Measure", "Remove", "Document", "Split", "Show", "Guard")
THINGS = (
    "refund page",
    "order export",
    "login on small screens",
    "invoice numbers",
    "search results",
    "retry of failed payments",
    "weekly report",
    "address form",
    "price rounding",
    "alerts",
    "card tokens",
    "stock levels",
    "translations",
    "audit trail",
)
SEED_TEXT = (
    "The page shows an old figure after a reload. Steps: open the list, sort by date, reload. Expected is the newest "
    "figure first. It happens for a few accounts only, mostly those with many orders in one day."
)
PROJECT_SHARES = ("PAY",) * 5 + ("SHOP",) * 5 + ("INS",) * 4 + ("OPS",) * 4 + ("LAB",) * 2
COUNTED_FROM_DEFAULT_NOW = 18.5 / 22  # of the timeline's 22 months, those before the default now


def summary(book: Book) -> str:
    return f"{book.rng.choice(VERBS)} {book.rng.choice(THINGS)}"


def epics(book: Book) -> dict[str, list[Story]]:
    """Two epics per project at the start and one more each half year."""
    found: dict[str, list[Story]] = {}
    for project in site.LIVE:
        for number, start in enumerate((0, 1, 180, 360, 540)):
            at = book.workday(site.START + start * DAY + book.rng.randrange(HOUR))
            epic = Story(
                book, at, project.key, "Epic", summary=f"{project.name} theme {number + 1}", description=SEED_TEXT
            )
            found.setdefault(project.key, []).append(epic)
            doing = book.workday(at + book.rng.randrange(3, 30) * DAY)
            epic.change(doing, status=epic.flow.doing)
            if number < 2:
                epic.change(book.workday(doing + 500 * DAY), status=epic.flow.done)
    return found


def everyday(book: Book, count: int, by_project: dict[str, list[Story]]) -> None:
    rng = book.rng
    span = site.END - site.START - 3 * DAY
    for _ in range(round(count / COUNTED_FROM_DEFAULT_NOW)):
        at = book.workday(site.START + 2 * DAY + rng.randrange(span))
        live(book, at, rng.choice(PROJECT_SHARES), by_project)


def live(book: Book, at: int, project: str, by_project: dict[str, list[Story]]) -> None:
    """One issue's life: a path through the workflow and, between its steps, what people do to issues."""
    rng = book.rng
    known = [epic for epic in by_project[project] if epic.created < at]
    text = None if rng.random() < 0.1 else SEED_TEXT[: rng.randrange(60, len(SEED_TEXT))]
    flow = site.PROJECTS[project].workflow
    story = Story(
        book,
        at,
        project,
        rng.choice(("Story", "Story", "Task", "Bug")),
        summary=summary(book),
        description=text,
        epic=rng.choice(known) if known and rng.random() < 0.7 else None,
        team=rng.choice(FIELD_TEAMS) if rng.random() < 0.8 else None,
        points=rng.choice((None, 1.0, 2.0, 3.0, 5.0, 0.5)),
        labels=(rng.choice(("customer", "debt", "security")),) if rng.random() < 0.3 else (),
        status=flow.doing if rng.random() < 0.04 else flow.todo,
        priority=str(rng.randrange(1, 6)),
    )
    steps: list[tuple[int, Callable[[int], object]]] = []

    def plan(when: int, step: Callable[[int], object]) -> None:
        steps.append((book.workday(when), step))

    def take_up(when: int) -> None:
        sprint = book.sprint_at(story.values["project"], when)
        if sprint is not None and sprint not in story.values["sprints"]:
            story.change(when, sprints=(*story.values["sprints"], sprint))
        story.change(when + rng.randrange(1, MINUTE), status=story.flow.doing, assignee=book.somebody())

    def days(mean: float) -> int:
        return int(rng.expovariate(1 / mean) * DAY) + rng.randrange(HOUR)

    started = at + days(9)
    finished = started + days(6)
    if rng.random() < 0.85:
        if rng.random() < 0.9:
            if project == "OPS":
                plan(at + (started - at) // 2, lambda when: story.change(when, status=site.SELECTED))
            plan(started, take_up)
            if rng.random() < 0.6 and project in ("PAY", "SHOP"):
                plan(
                    started + (finished - started) * 2 // 3,
                    lambda when: story.change(
                        when, status=site.CLASSIC.review if story.flow is site.CLASSIC else story.flow.doing
                    ),
                )
        if rng.random() < 0.9:
            end = rng.choice(("done", "done", "done", "done", "dropped"))
            plan(finished, lambda when: story.change(when, status=getattr(story.flow, end)))
            if rng.random() < 0.1:
                again = finished + days(8)
                plan(again, lambda when: story.change(when, status=rng.choice((story.flow.todo, story.flow.doing))))
                plan(again + days(4), lambda when: story.change(when, status=story.flow.done))
    for chance, act in (
        (0.5, lambda when: story.comment(when)),
        (0.2, lambda when: story.change(when, description=SEED_TEXT[: rng.randrange(40, 200)])),
        (0.2, lambda when: story.change(when, assignee=rng.choice((None, book.somebody())))),
        (0.3, lambda when: story.log(when, rng.randrange(1, 17) * 900)),
        (0.2, lambda when: story.noted(when, "Rank", "", "Ranked higher")),
        (
            0.08,
            lambda when: story.change(
                when, epic=rng.choice((None, *[e for e in by_project[story.values["project"]] if e.created < when]))
            ),
        ),
        (0.08, lambda when: story.change(when, team=rng.choice((None, *FIELD_TEAMS)))),
        (0.06, lambda when: sprint_changed(story, when)),
        (
            0.04,
            lambda when: story.move(when, rng.choice([p.key for p in site.LIVE if p.key != story.values["project"]])),
        ),
    ):
        if rng.random() < chance:
            plan(at + days(20), act)
    gone = at + 60 * DAY + days(90) if rng.random() < 0.02 else None
    for when, step in sorted(steps, key=lambda item: item[0]):
        when = max(when, story.at + 1)
        if when < site.END - DAY and (gone is None or when < gone):
            step(when)
    if gone is not None and story.at < gone < site.END:
        story.delete(gone)
    elif rng.random() < 0.12:
        for _ in range(rng.randrange(1, 4)):
            born = book.workday(story.created + days(3))
            task = Story(
                book, born, project, "Sub-task", summary=summary(book), parent=story, team=story.values["team"]
            )
            task.change(max(born + 1, book.workday(born + days(4))), status=task.flow.doing)
            task.change(max(task.at + 1, book.workday(task.at + days(4))), status=task.flow.done)


def sprint_changed(story: Story, when: int) -> None:
    """Taken out of its sprints, or carried over into the running one."""
    sprint = story.book.sprint_at(story.values["project"], when)
    carried = () if sprint is None else tuple(dict.fromkeys((*story.values["sprints"], sprint)))
    story.change(when, sprints=() if story.values["sprints"] and story.book.rng.random() < 0.4 else carried)
