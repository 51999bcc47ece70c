"""The evidence bucket, as far as evidence is kept in it for good."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from pitr_guardian.aws.errors import later_if_passing, refused_if_final
from pitr_guardian.aws.rights import needs, passes_on

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_API = "S3's API reference, PutObject: an object that is put with a retention needs this right"


class EvidenceBucket:
    """``drills.evidence.ports.EvidenceObjects`` on S3; encrypted as the bucket is."""

    def __init__(self, client: "S3Client", name: str) -> None:
        """Take the client and the bucket's name."""
        self._client = client
        self._name = name

    def uri_of(self, key: str) -> str:
        """The URI of an object."""
        return f"s3://{self._name}/{key}"

    @needs("s3:PutObject", on="evidence")
    @passes_on("s3:PutObjectRetention", on="evidence", why=_API)
    @refused_if_final()
    def keep(self, key: str, content: bytes, content_type: str, until: datetime | None) -> str:
        """See ``drills.evidence.ports.EvidenceObjects``.

        Governance: who may ``s3:BypassGovernanceRetention`` can take it back, nobody else can.
        """
        lock: dict[str, Any] = {}
        if until is not None:
            lock = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": until}
        with later_if_passing():
            self._client.put_object(
                Bucket=self._name, Key=key, Body=content, ContentType=content_type, **lock
            )
        return self.uri_of(key)
