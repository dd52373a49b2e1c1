"""Files for MetricFlow, as texts."""

from collections.abc import Mapping
from pathlib import Path

from registry.entries import Registry


def semantic_files(_entries: Registry, _made: str) -> Mapping[Path, str]:
    return {}
