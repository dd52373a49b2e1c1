"""prodops verify: the proof of a file of a board pack.

Belongs here: printing. Does not: the proof (serving/board/verify.py).
"""

from pathlib import Path

from cli.screen import err, out
from cli.show import whose
from orchestration import deployment
from serving.board.verify import verify


def show(seed: int | None, file: Path) -> int:
    """Prints what was compared, or a line for each difference."""
    whose(settled := deployment.settle(seed))
    proof = verify(file, settled.home)
    for problem in proof.problems:
        out().print(f"{file.name}: {problem}", markup=False)
    of = f"the pack of {proof.pack.audience} for {proof.pack.period}, snapshot {proof.pack.snapshot_id}"
    if proof.problems:
        err().print(
            f"error: {file.name} is not {of}: {len(proof.problems)} differences, see above; write what should "
            "be there, or make the pack again: prodops board",
            markup=False,
        )
        return 1
    out().print(f"{file.name} is {of}: {proof.figures:,} figures, {proof.places:,} places, no difference", markup=False)
    return 0
