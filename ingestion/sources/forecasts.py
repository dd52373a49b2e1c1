"""Forecasts: what planning/ computes from the finished warehouse, landed like what a vendor serves.

Upstream -> table (landing/forecasts/<table>):
  planning/results.py -> one table a result, named as its function there

Each load is the whole current set, so what is no longer said gets a tombstone; a row lands when it differs from what
was said last. Earlier versions stay: they are what was said then, and no warehouse could say it again.

It is no source that a person loads: a build computes it between its two selections of models (orchestration/).
"""

from ingestion.manifests import Stream

NAME = "forecasts"
STREAMS = (
    Stream("key_result_forecasts", "Where each running key result will end, as of a day", "key_result_id"),
    Stream("objective_forecasts", "Whether each running objective will be reached, as of a day", "objective_id"),
    Stream("effect_estimates", "What launches have changed for the accounts that have them", "promise_id"),
    Stream("forecast_calibration", "How earlier forecasts of key results would have held", "age/bin"),
    Stream("epic_forecasts", "When each open epic will be done", "epic_id"),
)
