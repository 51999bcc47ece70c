"""Which of AWS's answers mean "try again later", and which mean no."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import (
    ClientError,
    ConnectionError as BotoConnectionError,
    HTTPClientError,
)
from botocore.parsers import ResponseParserError

from pitr_guardian.basics.errors import (
    RefusedError,
    TryLaterError,
)

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
_CANCELLED_IN_PASSING = frozenset(
    {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
)
"""Why DynamoDB cancels a transaction (API reference, TransactWriteItems), where that passes."""

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
        is_passing = server_fault or passes(code_of(error)) or code_of(error) in also
        if is_passing or _was_cancelled_in_passing(error):
            raise TryLaterError(message_of(error), may_have_happened=server_fault) from error
        raise
    # The last one is what a proxy's or a balancer's page of HTML comes as.
    except (BotoConnectionError, HTTPClientError, ResponseParserError) as error:
        raise TryLaterError(f"no answer from AWS: {error}", may_have_happened=True) from error


def passes(code: str | None) -> bool:
    """Tell whether an error of this code passes."""
    return code in _PASSING


@contextmanager
def refused_if_final() -> Iterator[None]:
    """Turn what is left of AWS's errors into ``RefusedError``; put it around the other one."""
    try:
        yield
    except ClientError as error:
        raise RefusedError(message_of(error)) from error


def _was_cancelled_in_passing(error: ClientError) -> bool:
    """Tell whether a transaction was cancelled for nothing else than what passes."""
    reasons: Any = error.response.get("CancellationReasons", [])
    codes = {reason.get("Code", "None") for reason in reasons} - {"None"}
    return bool(codes) and codes <= _CANCELLED_IN_PASSING


def _status(error: ClientError) -> int:
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
