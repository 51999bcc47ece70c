"""Errors of AWS and of its SDK, in sentences."""

from __future__ import annotations

import re
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError as AwsConnectionError,
    CredentialRetrievalError,
    HTTPClientError,
    InvalidRegionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

from pitr_guardian_cli.problems import Exit, Problem

_DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",  # SNS
    "AuthorizationErrorException",
    "UnauthorizedOperation",
    "403",
    "AWS.SimpleQueueService.AccessDenied",
}
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
_UNKNOWN_KEY = {
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
}
_THROTTLED = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "SlowDown",
    "ProvisionedThroughputExceededException",
}
_SIGN_IN = "sign in again (aws sso login, or whatever gives you credentials)"
_AUTHORISED = re.compile(
    r"not authorized to perform: ([a-z0-9-]+:[A-Za-z]+)(?: on resource: (\S+))?"
)
_BY_POLICY = re.compile(r"explicit deny in an? ([a-z -]+policy)|no ([a-z -]+policy) allows")


def problem_of(error: Exception) -> Problem:
    """Put an error of AWS or its SDK into a sentence, with what to do about it."""
    if isinstance(error, ClientError):
        return _refusal(error)
    return _failure(error)


def is_denied(error: ClientError) -> bool:
    """Whether the caller lacks a right."""
    return _code(error) in _DENIED


def is_passing(error: Exception) -> bool:
    """Whether the same call may succeed in a while: no network, or too many calls."""
    if isinstance(error, ClientError):
        return _code(error) in _THROTTLED
    return isinstance(error, (AwsConnectionError, HTTPClientError))


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _refusal(error: ClientError) -> Problem:
    code = _code(error)
    told: Any = error.response.get("Error", {})
    message = str(told.get("Message", ""))
    if code in _DENIED:
        return _denial(told, message)
    if code in _EXPIRED:
        return Problem("the credentials have expired", remedy=_SIGN_IN)
    if code in _UNKNOWN_KEY:
        return Problem(
            f"AWS doesn't accept the credentials: {message.rstrip('.')}",
            remedy="check --profile and --region (a region must be enabled for the account), or "
            + _SIGN_IN,
        )
    if code in _THROTTLED:
        return Problem(
            f"AWS is asked too much at the moment ({error.operation_name}: {code})",
            remedy="try again in a minute",
        )
    return Problem(f"AWS says no to {error.operation_name}: {message.rstrip('.')} ({code})")


def _denial(told: Any, message: str) -> Problem:
    said = _AUTHORISED.search(message)
    # The action that the door noted is that of the call; AWS may name another that it implies.
    action = said[1] if said else told.get("Action", "the call's action")
    resource = f" on {said[2].rstrip('.')}" if said and said[2] else ""
    policy = _BY_POLICY.search(message)
    why = f" (AWS says: {policy[0]})" if policy else ""
    return Problem(
        f"not permitted: {action}{resource} is missing{why}",
        Exit.NOT_PERMITTED,
        remedy="see docs/cli.md of PITR Guardian for the rights of each command, and policies to "
        "publish for operators; or use another --profile",
    )


def _failure(error: Exception) -> Problem:
    match error:
        case ProfileNotFound():
            return Problem(
                f"there is no profile {error.kwargs.get('profile')}",
                Exit.USAGE,
                remedy="aws configure list-profiles lists them",
            )
        case NoCredentialsError() | PartialCredentialsError():
            return Problem(
                "there are no AWS credentials",
                remedy="name a profile with --profile, or " + _SIGN_IN,
            )
        case NoRegionError():
            return Problem(
                "no region is known", Exit.USAGE, remedy="name the stack's with --region"
            )
        case InvalidRegionError():
            return Problem(
                f"{error.kwargs.get('region_name')!r} is no region", Exit.USAGE, remedy="check it"
            )
        case UnauthorizedSSOTokenError() | TokenRetrievalError() | SSOError():
            return Problem(f"the credentials can't be renewed: {error}", remedy=_SIGN_IN)
        case CredentialRetrievalError():
            return Problem(f"the credentials can't be had: {error}", remedy=_SIGN_IN)
        case AwsConnectionError() | HTTPClientError():
            return Problem(
                f"AWS can't be reached: {error}",
                remedy="check the network, --region, and AWS_ENDPOINT_URL if it is set",
            )
        case BotoCoreError():
            return Problem(f"the call of AWS went wrong: {error}")
    return Problem(str(error))
