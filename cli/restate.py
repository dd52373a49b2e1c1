"""prodops restate: figures of closed periods that would change, and accepting them.

Belongs here: printing, the lease. Does not: finding and keeping restatements (serving/restatements.py).
"""

from cli.screen import Table, out, print_table
from cli.show import whose
from ingestion import clock, lease
from orchestration import deployment
from serving import restatements


def show(seed: int | None, form: str) -> int:
    """Prints what waits."""
    whose(settled := deployment.settle(seed))
    columns = ("mart", "fiscal_period", "product_id", "measure", "before", "after", "opened_at")
    heads = ("mart", "period", "product", "figure", "published", "would be", "since")
    table = Table("restatements", "closed periods that would change", columns, heads, words=4)
    for one in restatements.waiting(settled.home):
        place = (one.mart, one.fiscal_period, one.product_id, one.measure)
        table.add(
            (*place, one.before, one.after, one.opened_at), *place, one.before or "-", one.after or "-", one.opened_at
        )
    if table.records or form != "text":
        print_table(table, form)
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
