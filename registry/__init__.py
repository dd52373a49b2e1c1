"""Every metric that is published: what it is called, how it is made, what it is counted in, over what it adds up.

Belongs here: metrics.yml (the one file that all descriptions of metrics are made from), reading it, and the files that
are made from it (``python -m registry``). Does not: figures, SQL of marts, rules and their reasons (docs/metrics).
"""

from registry.board import BoardMetric
from registry.entries import FILE, Mart, Metric, Registry, metrics

__all__ = ["FILE", "BoardMetric", "Mart", "Metric", "Registry", "metrics"]
