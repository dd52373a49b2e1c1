"""What would be: scenarios and forecasts.

Belongs here: assumptions in; the same models, or frames, out. Does not: Dagster, anything that is published as a fact.
"""
