"""Writes measures to the log in the embedded metric format, from which CloudWatch takes them."""

from collections.abc import Sequence

from aws_lambda_powertools import Metrics

from pitr_guardian.facts.measures import Measure, Observability, shown
from pitr_guardian.settings import setting

NAMESPACE = "PitrGuardian"
DIMENSION = "stack"
"""The one dimension: the stack's name. Each further one would be another metric to pay for."""

# An empty service: Powertools makes a dimension of any other.
_metrics = Metrics(namespace=NAMESPACE, service="")


def emit(measures: Sequence[Measure], fact_id: str) -> None:
    """Write the measures of one fact as one line.

    Args:
        measures: its measures; of none that is shown there is no line.
        fact_id: the fact's id, to find the fact by that a number comes from.
    """
    measures = shown(measures, Observability(setting("OBSERVABILITY")))
    if not measures:
        return
    _metrics.add_dimension(DIMENSION, setting("STACK_NAME"))
    _metrics.add_metadata("fact", fact_id)
    for measure in measures:
        _metrics.add_metric(measure.name, measure.unit, measure.value)
    _metrics.flush_metrics()
