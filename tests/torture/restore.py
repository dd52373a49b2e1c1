"""A home that is lost and comes back from its backup: the same figures, and a company that goes on.

Belongs here: backups at rest and in the middle of a run, and what must hold of homes made from them. Does not: what a
backup copies (deploy/backup.sh).
"""

import random
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from tests.environment import without_settings
from tests.torture.disk import clean, figures
from tests.torture.kills import FIRST, LAST, Site, differences

BACKUP = Path(__file__).parents[2] / "deploy" / "backup.sh"


def restored(seed: int, while_running: int) -> dict[str, object]:
    """One backup at rest and so many in a run, each of a home that is then deleted and made again from it."""
    rng, problems, marts = random.Random(seed), list[str](), 0
    with tempfile.TemporaryDirectory() as name:
        home, copy = Path(name) / "home", Path(name) / "copy"
        with Site(home, seed).served() as site:
            day = LAST - timedelta(days=3 * while_running)
            problems += clean(site, FIRST)
            problems += clean(site, day)
            before = figures(home)
            marts = len(before)
            subprocess.run([BACKUP, home, copy], check=True)
            problems += made_again(site, copy)
            problems += [] if figures(home) == before else ["a home that was made again publishes other figures"]
            for _ in range(while_running):
                day += timedelta(days=3)
                run = site.run(day.isoformat().replace("+00:00", "Z"))
                time.sleep(rng.uniform(2, 12))
                shutil.rmtree(copy)
                subprocess.run([BACKUP, home, copy], check=True)
                problems += [] if run.process.poll() is None else ["the run had ended before it was copied"]
                run.ended()
                problems += made_again(site, copy)
                problems += clean(site, day)
            problems += differences(home, site.reported)
    return {
        "restores": 1 + while_running,
        "restore_marts": marts,
        "restore_seed": seed,
        "restore_differences": problems,
    }


def made_again(site: Site, copy: Path) -> list[str]:
    """Deletes the home and does what the page says; what went wrong."""
    shutil.rmtree(site.home)
    shutil.copytree(copy, site.home, symlinks=True)
    settings = {**without_settings(), **site.settings, "PRODOPS_NOW": site.reported.now}
    for command in ("rebuild", "publish"):
        typed = [sys.executable, "-m", "cli.main", command]
        done = subprocess.run(typed, env=settings, capture_output=True, text=True, check=False)
        if done.returncode:
            return [f"{command} ended with {done.returncode}: {(done.stdout + done.stderr)[-1500:]}"]
    return []
