"""Keys of KMS."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from pitr_guardian.aws.errors import (
    code_of,
    later_if_passing,
)
from pitr_guardian.aws.rights import needs
from pitr_guardian.tables.reference import Place

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient


class KmsKeys:
    """``restore.ports.Keys`` on KMS."""

    def __init__(self, client_for: "Callable[[Place], KMSClient]") -> None:
        """Take the door to KMS: a client for a place."""
        self._client_for = client_for

    @needs("kms:DescribeKey", on="key")
    def problem_with(self, key_arn: str, place: Place) -> str | None:
        """See ``restore.ports.Keys``."""
        try:
            with later_if_passing():
                key = self._client_for(place).describe_key(KeyId=key_arn)["KeyMetadata"]
        except ClientError as error:
            return (
                f"the key {key_arn} can't be used ({code_of(error)}); check its ARN, and that its "
                "policy lets the guardian's roles describe it"
            )
        if key.get("KeyState") != "Enabled":
            return f"the key {key_arn} is {key.get('KeyState')}; enable it, or name another one"
        return None

    @needs("kms:DescribeKey", on="key")
    def is_aws_managed(self, key_arn: str, place: Place) -> bool:
        """Tell whether a key is AWS's own for a service; one that can't be described is not."""
        try:
            with later_if_passing():
                key = self._client_for(place).describe_key(KeyId=key_arn)["KeyMetadata"]
        except ClientError:
            return False
        return key.get("KeyManager") == "AWS"
