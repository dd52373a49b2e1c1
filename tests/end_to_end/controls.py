"""What the vendors of a company say themselves, against what was built: every control compares something and is green.

Belongs here: the claim about a company that is played. Does not: the catalogue (quality/controls.py).
"""

from quality.controls import results
from tests.end_to_end.play import Play


def differences(play: Play) -> list[str]:
    found = results(play.home / "warehouse.duckdb")
    idle = [f"{one.control.id}: nothing is compared" for one in found if not one.compared]
    return idle + [f"{one.control.id}: {one.text}" for one in found if one.agreed < one.compared]
