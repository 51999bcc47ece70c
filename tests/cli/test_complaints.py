"""Errors of AWS become sentences, with what to do."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    InvalidRegionError,
    NoCredentialsError,
    NoRegionError,
    ProfileNotFound,
    UnauthorizedSSOTokenError,
)

from pitr_guardian_cli.aws.complaints import problem_of
from pitr_guardian_cli.problems import Exit


def refusal(code: str, message: str, **more: str) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": message, **more}}
    return ClientError(answer, "DescribeTable")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "AccessDeniedException",
            "User: arn:aws:iam::111122223333:user/ada is not authorized to perform: "
            "dynamodb:DescribeTable on resource: arn:aws:dynamodb:eu-central-1:1:table/T "
            "because no identity-based policy allows the dynamodb:DescribeTable action",
        ),
        ("AccessDenied", "Access Denied"),  # what S3 says
        ("AuthorizationError", "User: x is not authorized to perform: dynamodb:DescribeTable"),
    ],
)
def test_a_right_that_is_missing_is_named(code: str, message: str) -> None:
    problem = problem_of(refusal(code, message, Action="dynamodb:DescribeTable"))
    assert problem.code is Exit.NOT_PERMITTED
    assert "dynamodb:DescribeTable" in problem.sentence


def test_a_policy_that_denies_is_named() -> None:
    problem = problem_of(
        refusal(
            "AccessDeniedException",
            "User: arn:aws:sts::1:assumed-role/a/b is not authorized to perform: "
            "events:PutEvents on resource: arn:aws:events:x with an explicit deny in a "
            "service control policy",
        )
    )
    assert "explicit deny in a service control policy" in problem.sentence


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (NoCredentialsError(), Exit.FAILED, "no AWS credentials"),
        (NoRegionError(), Exit.USAGE, "no region"),
        (ProfileNotFound(profile="prod"), Exit.USAGE, "prod"),
        (InvalidRegionError(region_name="x/y"), Exit.USAGE, "x/y"),
        (UnauthorizedSSOTokenError(), Exit.FAILED, "renewed"),
        (EndpointConnectionError(endpoint_url="http://x"), Exit.FAILED, "reached"),
        (ConnectTimeoutError(endpoint_url="http://x"), Exit.FAILED, "reached"),
        (refusal("ExpiredTokenException", "…"), Exit.FAILED, "expired"),
        (refusal("UnrecognizedClientException", "…"), Exit.FAILED, "doesn't accept"),
        (refusal("ThrottlingException", "…"), Exit.FAILED, "too much"),
        (refusal("ValidationException", "no good."), Exit.FAILED, "no good (Validation"),
    ],
)
def test_every_failure_is_a_sentence(error: Exception, code: Exit, words: str) -> None:
    problem = problem_of(error)
    assert problem.code is code
    assert words in problem.sentence


@pytest.mark.parametrize(
    "error",
    [
        NoCredentialsError(),
        NoRegionError(),
        ProfileNotFound(profile="prod"),
        refusal("ExpiredToken", "…"),
        refusal("AccessDenied", "…"),
        EndpointConnectionError(endpoint_url="http://x"),
    ],
)
def test_whoever_can_do_something_is_told_what(error: Exception) -> None:
    assert problem_of(error).remedy
