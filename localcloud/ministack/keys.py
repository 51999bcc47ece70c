"""KMS keys as other services see them, and the AWS managed key that MiniStack hasn't got."""

from __future__ import annotations

import importlib
from typing import Any

from localcloud.wire import Json

MANAGED_ALIAS = "alias/aws/dynamodb"


class Keys:
    """The KMS keys of the current scope."""

    def __init__(self) -> None:
        self._kms: Any = importlib.import_module("ministack.services.kms")
        self._find = self._kms._resolve_key
        self._add_managed_key()

    def find(self, key: str) -> Json | None:
        """KeyMetadata of a key by id, ARN or alias; None where it isn't one of this region."""
        record = self._kms._resolve_key(key)
        metadata: Json | None = self._kms._key_metadata(record) if record else None
        return metadata

    def arn(self, key: str) -> str | None:
        found = self.find(key)
        return found["Arn"] if found else None

    def _add_managed_key(self) -> None:
        """Make DynamoDB's key when it is first asked for, as KMS does; its manager is AWS."""
        describe = self._kms._key_metadata

        def find(key: str) -> Any:
            name = str(key or "")
            named = name if name.startswith("alias/") else name.rpartition(":")[2]
            if named == MANAGED_ALIAS and self._find(key) is None:
                if name != named and not name.startswith(self._kms._alias_arn(named)):
                    return None  # another region's
                self._make_managed_key()
            return self._find(key)

        def metadata(record: Json) -> Json:
            found: Json = describe(record)
            if record.get("_managed_by_aws"):
                found["KeyManager"] = "AWS"
            return found

        self._kms._resolve_key, self._kms._key_metadata = find, metadata

    def _make_managed_key(self) -> None:
        before = set(self._kms._keys.keys())
        self._kms._create_key({"Description": "Default key that protects my DynamoDB data"})
        [key_id] = set(self._kms._keys.keys()) - before
        self._kms._keys[key_id]["_managed_by_aws"] = True
        self._kms._create_alias({"AliasName": MANAGED_ALIAS, "TargetKeyId": key_id})
