"""Buckets of other accounts: whoever writes into one needs leave of its policy, too.

MiniStack asks the policy of a foreign bucket as if its account's root were calling, and knows no
variables in resources. Source: S3 user guide, "How Amazon S3 authorizes a request" (both accounts
have to allow it); IAM user guide, "IAM policy elements: Variables and tags".
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Mapping
from typing import Any

from localcloud.wire import AwsError, Call, Json

_VARIABLE = re.compile(r"\$\{([\w-]+:[\w/-]+)\}")


def require(call: Call, action: str, arn: str, conditions: Mapping[str, str]) -> None:
    """Ask the policy of a bucket that isn't the caller's.

    Args:
        call: the caller's.
        action: of S3.
        arn: the object's.
        conditions: the condition keys of the request.

    Raises:
        AwsError: AccessDeniedException, where the policy doesn't allow it.
    """
    s3: Any = importlib.import_module("ministack.services.s3")
    evaluator: Any = importlib.import_module("ministack.core.iam_evaluator")
    bucket = arn.removeprefix("arn:aws:s3:::").partition("/")[0]
    owner = s3._bucket_owner_account(bucket)
    if owner is None or owner == call.account or not call.user_agent:
        return
    principal = evaluator.resolve_principal(call.access_key, call.account)
    context = evaluator.EvalContext(
        principal_arn=principal.arn,
        principal_type=principal.type,
        principal_account=principal.account,
        action=action,
        resource_arn=arn,
        region=call.region,
        secure_transport=True,
        service_context={key.lower(): value for key, value in conditions.items()},
        principal_keys=principal.keys,
    )

    def value(found: re.Match[str]) -> str:
        return str(evaluator._resolve_condition_key(found[1], context) or found[0])

    policy: Json = json.loads(s3._bucket_policies.get_scoped(owner, None, bucket) or "{}")
    for statement in policy.get("Statement", []):
        if "Resource" in statement:
            named = statement["Resource"]
            listed = named if isinstance(named, list) else [named]
            statement["Resource"] = [_VARIABLE.sub(value, each) for each in listed]
    if evaluator.evaluate_resource_policy(policy, context).decision != "Allow":
        raise AwsError(
            "AccessDeniedException",
            f"User: {principal.arn} is not authorized to perform: {action} on resource: {arn} "
            f"because no resource-based policy allows the {action} action",
        )
