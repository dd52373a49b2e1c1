"""dbt as a child that ends with its parent.

Belongs here: the life of the dbt process. Does not: what it is asked to do (dbt_process.py).

After a kill -9 of a run, its dbt child would go on and hold the warehouse's lock against the next run. Its parent's id
is the first argument; when that parent is gone, so is this process, and DuckDB rolls back what was not committed.

It works in the home and calls it ``.``: dbt parses the whole project again (12 CPU-s) when a variable of the profile
has another value, and so keeps what it parsed when a home is moved or copied.
"""

import gc
import os
import signal
import sys
import threading
import time


def end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.1)
    os._exit(137)


def main() -> None:
    parent = int(sys.argv.pop(1))
    # Control-c reaches all processes of a terminal. Here it ends this one at once, as its parent's end would; so does
    # SIGTERM, also where a parent ignores it, which children inherit.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    threading.Thread(target=end_with, args=(parent,), daemon=True).start()
    os.chdir(os.environ["PRODOPS_HOME"])
    os.environ["PRODOPS_HOME"] = "."
    gc.set_threshold(100_000, 50, 1000)  # dbt leaves a million objects that stay: to look through them again takes 5 %
    from dbt.cli.main import cli

    from orchestration import dbt_shortcuts

    dbt_shortcuts.take()
    if sys.argv[1] != "parse":
        dbt_shortcuts.keep_manifest()
    cli()


if __name__ == "__main__":
    main()
