"""What to do about drift so that it doesn't come back, by the tool that brought it about."""

from pitr_guardian.facts.actor import Actor

_IN_CODE = (
    "the table's {where} will do it again at its next deployment: set {what} there, with "
    "the period you want"
)
_BY_TOOL = {
    "CloudFormation": _IN_CODE.format(
        where="CloudFormation stack", what="PointInTimeRecoverySpecification"
    ),
    "CDK": _IN_CODE.format(where="CDK stack", what="pointInTimeRecoverySpecification"),
    "Terraform": _IN_CODE.format(where="Terraform configuration", what="point_in_time_recovery"),
    "Pulumi": _IN_CODE.format(where="Pulumi program", what="pointInTimeRecovery"),
    "console": "ask the person named above; if it should stay off, tag the table as exempt",
    "CLI": "ask who runs that script or shell; if it should stay off, tag the table as exempt",
}
_OTHERWISE = "find the program that does it; if it should stay off, tag the table as exempt"


def advice_for(actor: Actor | None) -> str:
    """Advise on drift of this actor's making."""
    tool = actor.tool if actor else None
    return _BY_TOOL.get(tool or "", _OTHERWISE)
