"""The settings that a restore leaves behind: one carrier each, from source to target."""

from collections.abc import Mapping

from pitr_guardian.aws import clients
from pitr_guardian.aws.carriers.alarms import AlarmsCarrier
from pitr_guardian.aws.carriers.autoscaling import AutoscalingCarrier
from pitr_guardian.aws.carriers.insights import InsightsCarrier
from pitr_guardian.aws.carriers.kinesis import KinesisCarrier
from pitr_guardian.aws.carriers.policy import PolicyCarrier
from pitr_guardian.aws.carriers.stream import StreamCarrier
from pitr_guardian.aws.carriers.table import (
    ClassCarrier,
    DeletionProtectionCarrier,
)
from pitr_guardian.aws.carriers.tags import TagsCarrier
from pitr_guardian.aws.carriers.ttl import TtlCarrier
from pitr_guardian.restore.ports import (
    Carrier,
    OutlivingReader,
)
from pitr_guardian.restore.request import Setting


def carriers() -> Mapping[Setting, Carrier]:
    """Build the carrier of each setting."""
    everyone: tuple[Carrier, ...] = (
        TagsCarrier(clients.dynamodb),
        ClassCarrier(clients.dynamodb),
        TtlCarrier(clients.dynamodb),
        StreamCarrier(clients.dynamodb, clients.functions),
        PolicyCarrier(clients.dynamodb),
        KinesisCarrier(clients.dynamodb),
        AutoscalingCarrier(clients.autoscaling, clients.dynamodb),
        AlarmsCarrier(clients.cloudwatch),
        InsightsCarrier(clients.dynamodb),
        DeletionProtectionCarrier(clients.dynamodb),
    )
    return {carrier.setting: carrier for carrier in everyone}


def outliving() -> Mapping[Setting, OutlivingReader]:
    """Build the readers of what outlives a deleted table."""
    everyone = (
        StreamCarrier(clients.dynamodb, clients.functions),
        AutoscalingCarrier(clients.autoscaling, clients.dynamodb),
        AlarmsCarrier(clients.cloudwatch),
    )
    return {reader.setting: reader for reader in everyone}
