"""The resource policy."""

from botocore.exceptions import ClientError

from pitr_guardian.aws.errors import (
    code_of,
    later_if_passing,
)
from pitr_guardian.aws.rights import needs
from pitr_guardian.aws.tables.tables import ClientFor
from pitr_guardian.restore.ports import Kept
from pitr_guardian.restore.request import Setting
from pitr_guardian.tables.reference import TableRef


class PolicyCarrier:
    """Carries the resource policy, with the source's ARN rewritten to the target's."""

    setting = Setting.RESOURCE_POLICY

    def __init__(self, client_for: ClientFor) -> None:
        """Take the door to DynamoDB."""
        self._client_for = client_for

    @needs("dynamodb:GetResourcePolicy", on="table")
    def read(self, source: TableRef) -> Kept | None:
        """See ``restore.ports.Carrier``."""
        try:
            with later_if_passing():
                answer = self._client_for(source).get_resource_policy(ResourceArn=source.arn)
        except ClientError as error:
            if code_of(error) == "PolicyNotFoundException":
                return None
            raise
        return {"policy": answer["Policy"]}

    @needs("dynamodb:PutResourcePolicy", on="table")
    def put(self, kept: Kept, source: TableRef, target: TableRef) -> str | None:
        """See ``restore.ports.Carrier``."""
        with later_if_passing("ResourceInUseException"):
            self._client_for(target).put_resource_policy(
                ResourceArn=target.arn, Policy=rewritten(kept["policy"], source, target)
            )
        return None


def rewritten(policy: str, source: TableRef, target: TableRef) -> str:
    """Rewrite a table's ARN in a policy, and those of its indexes; not of its namesakes' kin."""
    for end in ('"', "/"):  # `table/Orders` is no part of `table/OrdersArchive`
        policy = policy.replace(source.arn + end, target.arn + end)
    return policy
