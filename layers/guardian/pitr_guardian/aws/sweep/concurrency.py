"""How many functions may run at once in the guardian's account and region."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from pitr_guardian.aws.errors import later_if_passing, refused_if_final
from pitr_guardian.aws.rights import needs

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class LambdaConcurrency:
    """``sweep.ports.Concurrency`` on Lambda."""

    def __init__(self, client: "Callable[[], LambdaClient]") -> None:
        """Take the door to Lambda."""
        self._client = client

    @needs("lambda:GetAccountSettings", on="everything")
    def functions_at_once(self) -> int:
        """See ``sweep.ports.Concurrency``: what no function has reserved for itself."""
        with refused_if_final(), later_if_passing():
            limit = self._client().get_account_settings()["AccountLimit"]
        return limit["UnreservedConcurrentExecutions"]
