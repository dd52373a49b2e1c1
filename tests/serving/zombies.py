"""A publish that is stopped, loses its lease and goes on when another run has published.

Belongs here: one such publish, a few in the tests and all in `make torture`. Does not: what a kill leaves.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from serving import crash
from serving.publish import publish
from serving.published import current
from tests.serving.test_publish import PUBLISH_IN_A_PROCESS, edition, make_warehouse

LOST = 3
"""How a process ends that says it lost its lease."""
IN_A_PROCESS = f"""
from ingestion.errors import LeaseError
try:
    {PUBLISH_IN_A_PROCESS.strip().replace(chr(10), chr(10) + "    ")}
except LeaseError as error:
    print(error)
    raise SystemExit({LOST})
"""


def points(folder: Path) -> int:
    """How many points a second publish passes, the last of them behind the swap and the mark."""
    warehouse = make_warehouse(folder / "warehouse.duckdb", 0)
    publish(folder, warehouse, edition())
    before = crash._passed["publish"]
    publish(folder, warehouse, edition())
    return crash._passed["publish"] - before


def late(folder: Path, stops: Iterable[int]) -> list[str]:
    """Stops a publish at each of these points, has its lease go to another run, which publishes, and lets it go on.
    What is wrong of what is served then, in words."""
    warehouse = make_warehouse(folder / "warehouse.duckdb", 0)
    publish(folder, warehouse, edition())
    wrong = []
    for version, stop in enumerate(stops, start=1):
        make_warehouse(warehouse, 2 * version)
        zombie = subprocess.Popen(
            [sys.executable, "-c", IN_A_PROCESS, str(folder), str(warehouse)],
            env={**os.environ, "PRODOPS_STOP": f"publish:{stop}"},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert os.WIFSTOPPED(os.waitpid(zombie.pid, os.WUNTRACED)[1]), f"no point {stop}"
            (folder / "lease").unlink()  # as a network file system does when the holder is not heard of
            other = publish(folder, make_warehouse(folder / "other.duckdb", 2 * version + 1), edition())
            zombie.send_signal(signal.SIGCONT)
            said, _ = zombie.communicate(timeout=60)
        finally:
            zombie.kill()
        served = current(folder)
        assert served is not None
        with served.connect() as marts:
            (newest,) = marts.execute("select max(version) from mart_things").fetchall()[0]
        if (served.snapshot_id, newest) != (other.snapshot_id, 2 * version + 1):
            wrong.append(f"stopped at point {stop}, it published {served.snapshot_id} over {other.snapshot_id}")
        if zombie.returncode != LOST or f"process {os.getpid()}" not in said:
            wrong.append(f"stopped at point {stop}, it ended with {zombie.returncode}: {said}")
    return wrong
