"""What AWS says of an export's files (developer guide, "DynamoDB table export output format")."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

ExportKind = Literal["FULL_EXPORT", "INCREMENTAL_EXPORT"]


class BadManifestError(Exception):
    """A manifest can't be read; the text names it."""


@dataclass(frozen=True, slots=True)
class DataFile:
    """A data file: its key, how many lines it has, and its bytes' MD5 in base64."""

    key: str
    items: int
    md5: str

    @property
    def name(self) -> str:
        """The file's own name, without its folder and endings."""
        return self.key.rpartition("/")[2].partition(".")[0]


def data_file_of(line: Mapping[str, Any], prefix: str) -> DataFile:
    """Read a line of ``manifest-files.json``.

    Args:
        line: the line, read as JSON.
        prefix: what the keys of the export's files must begin with: nobody's list of files may
            lead to anything else in the bucket.

    Raises:
        BadManifestError: it isn't one.
    """
    try:
        file = DataFile(
            str(line["dataFileS3Key"]), int(line["itemCount"]), str(line["md5Checksum"])
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise BadManifestError(f"manifest-files.json: a line has no good {problem}") from problem
    if not file.key.startswith(prefix):
        raise BadManifestError(f"manifest-files.json: {file.key:.300} isn't under {prefix}")
    return file


def files_list_of(summary: bytes, key: str, kind: ExportKind = "INCREMENTAL_EXPORT") -> str:
    """Read ``manifest-summary.json``: the key of ``manifest-files.json``.

    Args:
        summary: its content.
        key: its key, to name it by.
        kind: of the export.

    Raises:
        BadManifestError: it isn't that of an export in DynamoDB JSON of this kind.
    """
    try:
        told = json.loads(summary)
        files, form = told["manifestFilesS3Key"], told["outputFormat"]
        # The guide's older example of a full export has no such field.
        found = told.get("exportType", "FULL_EXPORT")
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise BadManifestError(f"{key}: it can't be read ({problem})") from problem
    if (form, found) != ("DYNAMODB_JSON", kind) or not isinstance(files, str):
        raise BadManifestError(f"{key}: it is of a {found} as {form}")
    return files
