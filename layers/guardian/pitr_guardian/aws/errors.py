"""Which of AWS's answers mean "try again later"."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    ClientError,
    ConnectionError as BotoConnectionError,
    HTTPClientError,
)

from pitr_guardian.ports import TryLaterError

# DynamoDB's control plane says `LimitExceededException` for "too many at once".
_PASSING = frozenset(
    {
        "ThrottlingException",
        "Throttling",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "LimitExceededException",
        "InternalServerError",
        "InternalFailure",
        "ServiceUnavailable",
        "ServiceUnavailableException",
    }
)
_SERVER_FAULT = 500


def code_of(error: ClientError) -> str:
    """The error's code, as AWS names it."""
    return error.response.get("Error", {}).get("Code", "")


def message_of(error: ClientError) -> str:
    """The error's message, as AWS words it."""
    return error.response.get("Error", {}).get("Message", "")


def is_passing(error: ClientError) -> bool:
    """Tell whether the same call may work in a while."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return code_of(error) in _PASSING or status >= _SERVER_FAULT


@contextmanager
def later_if_passing(*also: str) -> Iterator[None]:
    """Turn passing faults into ``TryLaterError``.

    Args:
        also: codes that are passing for this very call.
    """
    try:
        yield
    except ClientError as error:
        if is_passing(error) or code_of(error) in also:
            raise TryLaterError(f"{code_of(error)}: {message_of(error)}") from error
        raise
    except (BotoConnectionError, HTTPClientError) as error:
        raise TryLaterError(f"no answer from AWS: {error}") from error
