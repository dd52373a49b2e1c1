"""Whose home this is: two companies in one would be added up.

Belongs here: the record of a home's company and its vendors' sites, and refusing another one's. Does not: the choice
between the made-up company and the real one, and the home's folders (orchestration/deployment.py).
"""

import json
from typing import Any

from ingestion.errors import SettingsError
from ingestion.home import home
from ingestion.manifests import Zone
from ingestion.settings import value_of

REAL, MADE_UP = "company", "sandbox-"
RECORD = "_company.json"


def configured_vendors() -> list[str]:
    """Sources that are set to read a real system."""
    from ingestion.sources import SOURCES

    return [name for name, source in SOURCES.items() if source.has_credentials()]


def claim(company: str) -> None:
    """Records that this home is the company's. Raises ``SettingsError`` where it is somebody else's."""
    zone = Zone()
    sites = _sites() if company == REAL else {}
    mine: dict[str, Any] = {"company": company, "sites": sites}
    found = _recorded(zone)
    if found is not None:
        differing = [name for name, site in sites.items() if found["sites"].get(name, site) != site]
        if found["company"] != company or differing:
            theirs = found["company"] + "".join(f", {name} at {found['sites'][name]}" for name in differing)
            ours = company + "".join(f", {name} at {sites[name]}" for name in differing)
            hint = f"holds the data of {theirs}, but this run is for {ours}; give that one a home of its own"
            raise SettingsError(f"PRODOPS_HOME={home()}", hint)
        mine["sites"] = {**found["sites"], **sites}
    if found != mine:
        zone.replace(RECORD, json.dumps(mine).encode())


def owner() -> tuple[str, bool]:
    """The company that this home belongs to, by its name, and whether it is made up."""
    name = str((_recorded(Zone()) or {"company": REAL})["company"])
    return name, name.startswith(MADE_UP)


def claim_alone() -> None:
    """The same for a source that is run alone, whose company nobody has chosen: the real one as soon as any vendor has
    credentials, else the made-up one that the home belongs to. A home that is nobody's yet stays so without them."""
    found = _recorded(Zone())
    if configured_vendors():
        claim(REAL)
    elif found is not None:
        claim(found["company"] if found["company"].startswith(MADE_UP) else f"{MADE_UP}1")


def _recorded(zone: Zone) -> dict[str, Any] | None:
    found: dict[str, Any] | None = json.loads(zone.read(RECORD) or "null")
    return found


def _sites() -> dict[str, str]:
    found = {name: value_of(name, "base_url") for name in configured_vendors()}
    return {name: site.rstrip("/") for name, site in found.items() if site}
