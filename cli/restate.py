"""prodops restate: figures of closed periods that would change, and accepting them.

Belongs here: printing, the lease. Does not: finding and keeping restatements (serving/restatements.py).
"""

from rich.table import Table

from cli.show import out, print_table, whose
from ingestion import clock, lease
from orchestration import deployment
from serving import restatements


def show(seed: int | None) -> int:
    """Prints what waits."""
    whose(settled := deployment.settle(seed))
    table = Table("mart", "period", "product", "figure", "published", "would be", "since")
    waiting = restatements.waiting(settled.home)
    for one in waiting:
        figures = (one.before or "-", one.after or "-")
        table.add_row(one.mart, one.fiscal_period, one.product_id, one.measure, *figures, one.opened_at)
    if waiting:
        print_table(table)
    else:
        out().print("no closed period would change")
    return 0


def accept(seed: int | None, periods: tuple[str, ...]) -> int:
    """Accepts all that waits for some periods, or for all."""
    whose(settled := deployment.settle(seed))
    with lease.hold(settled.home, "prodops restate", lease.PATIENCE_SECONDS):
        taken = restatements.accept(settled.home, periods, clock.now())
    out().print(restatements.accepted(taken), markup=False)
    return 0
