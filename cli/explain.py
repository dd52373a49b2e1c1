"""prodops explain: why a figure of an earlier pack is another one now, by cause.

Belongs here: the folder in which figures are made again, running dbt there, printing shares. Does not: causes and their
rows (serving/causes.py), the homes (serving/replays.py), the shares (serving/attribution.py).
"""

import shutil
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb

from cli.screen import Table, note, print_table
from cli.show import whose
from ingestion import lease
from ingestion.errors import SettingsError
from ingestion.home import private_files, restricted
from orchestration import dbt_process, deployment
from orchestration.dbt_process import BuildError
from orchestration.versions import PROJECT
from serving import asked, frozen
from serving.attribution import shares
from serving.causes import MEANINGS, SHOWN, Cause, Changed, composed
from serving.frozen import Frozen, FrozenError
from serving.lineage import lineage
from serving.published import Snapshot, current
from serving.replays import Figure, Project, ReplayError, Replays

FOLDER = "explain"
PARSED = ("manifest.json", "partial_parse.msgpack")
"""What dbt keeps of a project that it has read."""
GENERATED = b"{# Made from registry/"
"""How files of the project begin that are made from the registry."""
SLOW = 2
"""More causes than this take long enough to say so."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A figure then and now, what each cause has of the change, and the records behind it."""

    then: Decimal
    now: Decimal
    shares: Mapping[Cause, Decimal]
    changed: Sequence[Changed]


def explain(seed: int | None, period: str, metric: str, slice_: str, audience: str, form: str) -> int:
    """Prints what each cause has of a change."""
    whose(settled := deployment.settle(seed))
    pack = frozen.snapshot_of(settled.home, period, audience)
    figure = asked.figure(pack, period, metric, slice_)
    then = seen(pack, figure, audience)
    found = explained(settled.home, made_from(settled.home, pack, figure.mart), figure, then)
    served = current(settled.home)
    public = published(served, figure) if served else None
    if public is not None and public != found.now:
        note(f"published is {shown(public)}: what landed since is not built, held back, or waits to be accepted")
    show(f"{metric} of {period}, {slice_}", pack, found, form)
    return 0


def seen(pack: Snapshot, figure: Figure, audience: str) -> Decimal:
    """The figure as the audience got it. Raises ``SettingsError`` where it did not."""
    file = asked.file_of(pack, audience)
    if file.exists():
        with duckdb.connect(str(file), read_only=True) as marts:
            there = marts.execute("select 1 from duckdb_tables() where table_name = ?", [figure.mart]).fetchone()
            if there and (value := figure.read(marts, figure.mart)) is not None:
                return value
    raise SettingsError(f"--audience {audience}", f"its pack has no value of this figure of {figure.mart}")


def published(served: Snapshot, figure: Figure) -> Decimal | None:
    """The figure as a snapshot has it."""
    if figure.mart not in served.manifest["marts"]:
        return None
    with served.connect(figure.mart) as marts:
        return figure.read(marts, figure.mart)


def made_from(home: Path, pack: Snapshot, mart: str) -> Frozen:
    """What a mart of a snapshot was made from: where it was held back, what the rows are of that it shows."""
    of = str(pack.held.get(mart, {}).get("rows_of") or pack.snapshot_id)
    if (found := frozen.read(home, of)) is None:
        raise FrozenError(
            f"{mart} in the pack is of snapshot {of}, of which nothing was frozen, because no pack was made of it"
        )
    return found


def explained(home: Path, of: Frozen, figure: Figure, then: Decimal) -> Explained:
    """Makes the figure again for each set of causes. Raises ``ReplayError`` where it can't be made as it was."""
    with replaying(home, of, figure) as (again, changes):
        return split(again, then, changes)


@contextmanager
def replaying(home: Path, of: Frozen, figure: Figure) -> Iterator[tuple[Replays, list[Changed]]]:
    """What a figure was made from and what of it changed since, to be built with some of the changes."""
    with lease.hold(home, "prodops explain", name="explain.lease"), scratch() as folder:
        projects, files = projects_of(home, of, folder, figure)
        for old in {*(home / "dbt" / FOLDER).iterdir()} - {target_of(home, one.folder) for one in projects.values()}:
            shutil.rmtree(old)
        streams = {stream for one in projects.values() for stream in one.lineage.readers}
        inputs = composed(of, streams, folder / "files")

        def build(place: Path, project: Path, arguments: Sequence[str]) -> None:
            dbt_process.run_in(place, target_of(home, project), project, arguments)

        changes = [*(one for its in inputs for one in its.changed), *files]
        yield Replays(home, folder, inputs, projects, figure, build), changes


def split(again: Replays, then: Decimal, changes: Sequence[Changed]) -> Explained:
    """The shares of the causes that changed anything."""
    begun = time.monotonic()
    if (made := again.value(frozenset())) != then:
        raise ReplayError(
            f"{again.figure.mart}: made again from what was frozen the figure is {made:,f}, in the pack {then:,f}; the "
            "engines of then may have been others: compare code_version in the pack with what runs now"
        )
    causes = sorted({one.cause for one in changes}, key=list(Cause).index)
    if len(causes) > SLOW:
        seconds = (time.monotonic() - begun) * 2 ** len(causes)
        note(f"{len(causes)} causes changed: {2 ** len(causes)} builds, within {seconds / 60:,.0f} minutes")
    figures: dict[frozenset[Cause], Decimal] = {}

    def figure(counted: frozenset[Cause]) -> Decimal:
        figures[counted] = again.value(counted)
        return figures[counted]

    found = shares(causes, figure)
    return Explained(then, figures[frozenset(causes)], found, changes)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for its owner alone, gone afterwards."""
    folder = restricted() / FOLDER
    shutil.rmtree(folder, ignore_errors=True)  # of one that was killed
    try:
        with private_files():
            folder.mkdir()
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def projects_of(
    home: Path, of: Frozen, folder: Path, figure: Figure
) -> tuple[dict[frozenset[Cause], Project], list[Changed]]:
    """The dbt project for each set of the causes that change it, and which of its files differ."""
    then = frozen.code_folder(home, of.code)
    if not then.is_dir():
        raise FrozenError(f"the models of {of.snapshot_id} are gone from {then}; bring them back from a backup")
    folders, differing = folders_of(then, PROJECT, folder)
    try:
        made = {causes: read_project(home, one, figure) for causes, one in folders.items()}
    except BuildError:
        if len(differing) < 2:
            raise
        # Models of now can't be read with definitions of then, or the other way round.
        folders, differing = folders_of(then, PROJECT, folder, is_apart=False)
        made = {causes: read_project(home, one, figure) for causes, one in folders.items()}
    return made, [Changed("dbt_project", one, len(names), tuple(names[:SHOWN])) for one, names in differing.items()]


def folders_of(
    then: Path, now: Path, folder: Path, *, is_apart: bool = True
) -> tuple[dict[frozenset[Cause], Path], dict[Cause, list[str]]]:
    """A folder for each set of the causes that change a project, mixed ones below ``folder``; which files differ by
    each. What is made from the registry is of the definition, or, where that is not kept apart, code too."""
    sides = [{str(path.relative_to(root)): path.read_bytes() for path in frozen.files_of(root)} for root in (then, now)]
    differing = sorted(name for name in {*sides[0], *sides[1]} if sides[0].get(name) != sides[1].get(name))
    defined = [name for name in differing if any(side.get(name, b"").startswith(GENERATED) for side in sides)]
    defined = defined if is_apart else []
    by_cause = {Cause.DEFINITION: defined, Cause.CODE: [name for name in differing if name not in defined]}
    by_cause = {cause: names for cause, names in by_cause.items() if names}
    if len(by_cause) < 2:
        return {frozenset(): then if differing else now, frozenset(by_cause): now}, by_cause
    folders = {frozenset[Cause](): then, frozenset(by_cause): now}
    folders |= {frozenset([cause]): mixed(*sides, names, folder / cause) for cause, names in by_cause.items()}
    return folders, by_cause


def mixed(then: Mapping[str, bytes], now: Mapping[str, bytes], changed: Collection[str], folder: Path) -> Path:
    """The project of then with these files as they are now."""
    for name in {*then, *changed}:
        if (content := (now if name in changed else then).get(name)) is not None:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
    return folder


def read_project(home: Path, project: Path, figure: Figure) -> Project:
    """Has dbt read a project, once: it takes 12 CPU-s."""
    target = target_of(home, project)
    if not (target / "manifest.json").exists():
        if project == PROJECT:
            made = dbt_process.prepare().parent
            shutil.copytree(made, target, ignore=lambda _, names: {*names} - {*PARSED})
        else:
            dbt_process.run_in(home, target, project, ["parse"])
    return Project(project, lineage(target / "manifest.json", figure.mart, figure.made_of))


def target_of(home: Path, project: Path) -> Path:
    """dbt's target folder for a project."""
    return home / "dbt" / FOLDER / frozen.code_hash(project)


def show(title: str, pack: Snapshot, found: Explained, form: str) -> None:
    """Then, what each cause has of the change, now; for people what is behind each cause below it."""
    heads = ("cause", "value", "records")
    table = Table("causes", f"{title}: why it changed", (*heads, "inputs"), heads)
    table.add(("then", found.then, None, pack.snapshot_id), "then", shown(found.then), "")
    for cause, share in found.shares.items():
        mine = [one for one in found.changed if one.cause == cause]
        records, inputs = sum(one.records for one in mine), "; ".join(map(described, mine))
        table.add((str(cause), share, records, inputs), str(cause), shown(share, "+"), f"{records:,}")
        if form == "text":
            table.notes.append(f"{cause} ({MEANINGS[cause]}): {inputs}")
    table.add(("now", found.now, None, None), "now", shown(found.now), "")
    if not found.shares:
        table.notes.append("nothing that this figure is built from changed")
    print_table(table, form)


def shown(value: Decimal, sign: str = "") -> str:
    """All of its places but zeros at the end."""
    text = f"{value:{sign},f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def described(one: Changed) -> str:
    more = ", …" if one.records > len(one.ids) > 0 else ""
    ids = f": {', '.join(one.ids)}{more}" if one.ids else ""
    return f"{one.stream} {one.records:,}{ids}"
