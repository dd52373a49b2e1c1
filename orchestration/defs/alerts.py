"""Digests as a sensor.

Belongs here: what was sent last, to whom it is sent again. Does not: what is wrong (problems.py), what a digest says
and how it goes (serving/alerts.py).

The cursor keeps what each channel was sent last, so that one that could not be reached gets all of it later, and the
other nothing twice.
"""

import json

import dagster as dg

from ingestion.ownership import owner
from orchestration import cadence, problems
from serving.alerts import AlertError, channels, digest


@dg.sensor(
    minimum_interval_seconds=cadence.DIGEST.seconds,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Sends a digest where a source became late or failed, a check red, a closed period was reopened, or "
    "one of these is over. PRODOPS_ALERT_WEBHOOK and PRODOPS_ALERT_EMAIL say where to.",
)
def alerts(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    if not (there := channels()):
        return dg.SkipReason("nobody is written to: PRODOPS_ALERT_WEBHOOK and PRODOPS_ALERT_EMAIL are not set")
    now, (whose, _) = problems.found(context.instance), owner()
    sent, said = json.loads(context.cursor or "{}"), []
    for channel in there:
        new = digest(whose, sent.get(channel.name, {}), now)
        if new is None:
            continue
        try:
            channel.send(new.subject, new.lines)
        except AlertError as error:
            context.log.error(str(error))
            said.append(f"not sent by {channel.name}, to be tried again: {error}")
        else:
            sent[channel.name] = now
            said.append(f"sent by {channel.name}: {new.subject}")
    context.update_cursor(json.dumps(sent))
    return dg.SkipReason("; ".join(said) or f"nothing changed; {len(now)} open")


@dg.definitions
def defs() -> dg.Definitions:
    return dg.Definitions(sensors=[alerts])
