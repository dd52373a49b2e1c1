"""The vendors' APIs, one package each: its name is the path on the server and the loader's name, its class `VENDOR`.

Belongs here: how a vendor answers, pages, limits and words its errors, and which vendors there are. Does not: what
happened in the company (sandbox/company), what goes wrong on the way (sandbox/faults).
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Protocol

from sandbox.company import Company
from sandbox.transport import DEFAULT_SETUP, Call, Reply, Setup


class Vendor(Protocol):
    """One vendor, as set up for one company."""

    def __init__(self, company: Company, setup: Setup = DEFAULT_SETUP) -> None: ...

    @staticmethod
    def settings(url: str, files: Path | None = None) -> dict[str, str]: ...

    def reply(self, call: Call) -> Reply: ...


VENDORS: dict[str, type[Vendor]] = {
    name: import_module(f"{__name__}.{name}").VENDOR
    for name in sorted(module.name for module in iter_modules(__path__) if module.ispkg)
}


def settings(url: str, files: Path | None = None) -> dict[str, str]:
    """What every loader needs to reach its vendor on the server at ``url``, as environment variables.

    ``files``: the folder of the company's own files, which hold rates that the vendor of rates has not."""
    return {
        f"SOURCES__{name}__{setting}".upper(): value
        for name, vendor in VENDORS.items()
        for setting, value in vendor.settings(f"{url}/{name}", files).items()
    }
