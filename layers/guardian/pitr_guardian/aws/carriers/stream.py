"""The stream. The new table's is a new one: who reads the old stream doesn't read it."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pitr_guardian.aws.carriers.table import (
    described,
    update,
    wait_your_turn,
)
from pitr_guardian.aws.errors import (
    later_if_passing,
    message_of,
)
from pitr_guardian.aws.rights import needs
from pitr_guardian.aws.tables.tables import ClientFor
from pitr_guardian.restore.ports import Kept
from pitr_guardian.restore.request import Setting
from pitr_guardian.tables.reference import Place, TableRef

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class StreamCarrier:
    """Carries the stream's view type, and tells which functions read the old stream."""

    setting = Setting.STREAM

    def __init__(
        self, client_for: ClientFor, functions_for: "Callable[[Place], LambdaClient]"
    ) -> None:
        """Take the doors to DynamoDB and Lambda."""
        self._client_for = client_for
        self._functions_for = functions_for

    def read(self, source: TableRef) -> Kept | None:
        """See ``restore.ports.Carrier``."""
        table = described(self._client_for, source)
        specification = table.get("StreamSpecification", {"StreamEnabled": False})
        if not specification.get("StreamEnabled"):
            return None
        old = table.get("LatestStreamArn", "")
        return {
            "viewType": specification.get("StreamViewType"),
            "readers": self._readers(source, old) if old else "",
        }

    def read_after_deletion(self, source: TableRef, indexes: Sequence[str]) -> Kept | None:
        """See ``restore.ports.OutlivingReader``: who read a stream of a table of this name."""
        return {"readers": self._readers(source, f"{source.arn}/stream/", of_any=True)}

    def put(self, kept: Kept, source: TableRef, target: TableRef) -> str | None:
        """See ``restore.ports.Carrier``."""
        wanted = {"StreamEnabled": True, "StreamViewType": kept["viewType"]}
        table = described(self._client_for, target)
        if not table.get("StreamSpecification", {}).get("StreamEnabled"):
            wait_your_turn(table)
            table = update(self._client_for, target, StreamSpecification=wanted)
        readers = kept.get("readers") or "none was found"
        return (
            f"the new stream is {table.get('LatestStreamArn')}; event source mappings that read "
            f"the old one, and don't read the new one: {readers}"
        )

    @needs("lambda:ListEventSourceMappings", on="everything")
    def _readers(self, place: Place, stream: str, *, of_any: bool = False) -> str:
        """Tell the mappings from the old stream, in words; not being allowed to is a word too.

        With ``of_any``, ``stream`` is how the ARNs begin. Lambda takes whole ones only, so all are
        looked at.
        """
        exactly: dict[str, Any] = {} if of_any else {"EventSourceArn": stream}
        try:
            with later_if_passing():
                pages = self._functions_for(place).get_paginator("list_event_source_mappings")
                mappings = [
                    f"{mapping.get('UUID')} to {mapping.get('FunctionArn')}"
                    for page in pages.paginate(**exactly)
                    for mapping in page["EventSourceMappings"]
                    if not of_any or mapping.get("EventSourceArn", "").startswith(stream)
                ]
        except ClientError as error:
            return f"they could not be listed ({message_of(error)})"
        return ", ".join(mappings)
