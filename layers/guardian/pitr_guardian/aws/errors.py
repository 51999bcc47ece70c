"""Which of AWS's answers mean "try again later", and which mean no."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    ClientError,
    ConnectionError as BotoConnectionError,
    HTTPClientError,
)

from pitr_guardian.ports import RefusedError, TryLaterError

# DynamoDB's control plane says `LimitExceededException` for "too many at once".
_PASSING = frozenset(
    {
        "ThrottlingException",
        "Throttling",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "RequestTimeoutException",
        "SlowDown",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "LimitExceededException",
        "ExecutionLimitExceeded",
        "ConcurrentUpdateException",
        "TransactionConflictException",
        "TransactionInProgressException",
        "InternalServerError",
        "InternalServiceError",
        "InternalFailure",
        "ServiceUnavailable",
        "ServiceUnavailableException",
    }
)
_SERVER_FAULT = 500

NOT_FOUND = frozenset({"ResourceNotFoundException", "TableNotFoundException"})
"""What DynamoDB calls a table that isn't there."""


def code_of(error: ClientError) -> str:
    """The error's code, as AWS names it."""
    return error.response.get("Error", {}).get("Code", "")


def message_of(error: ClientError) -> str:
    """The error's code and message, as AWS words them."""
    return f"{code_of(error)}: {error.response.get('Error', {}).get('Message', '')}"


@contextmanager
def later_if_passing(*also: str) -> Iterator[None]:
    """Turn passing faults into ``TryLaterError``.

    Args:
        also: codes that are passing for this very call.
    """
    try:
        yield
    except ClientError as error:
        server_fault = _status(error) >= _SERVER_FAULT
        if server_fault or code_of(error) in _PASSING or code_of(error) in also:
            raise TryLaterError(message_of(error), may_have_happened=server_fault) from error
        raise
    except (BotoConnectionError, HTTPClientError) as error:
        raise TryLaterError(f"no answer from AWS: {error}", may_have_happened=True) from error


@contextmanager
def later_if_conflicting() -> Iterator[None]:
    """Turn a write that met a transaction into ``TryLaterError``: it was not carried out."""
    try:
        yield
    except ClientError as error:
        if code_of(error) == "TransactionConflictException":
            raise TryLaterError(message_of(error)) from error
        raise


@contextmanager
def refused_if_final() -> Iterator[None]:
    """Turn what is left of AWS's errors into ``RefusedError``; put it around the other one."""
    try:
        yield
    except ClientError as error:
        raise RefusedError(message_of(error)) from error


def _status(error: ClientError) -> int:
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
