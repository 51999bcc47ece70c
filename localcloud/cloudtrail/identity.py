"""Who made a call, as CloudTrail's `userIdentity` says it."""

from __future__ import annotations

from datetime import UTC, datetime

from localcloud.ministack.internals import Engine
from localcloud.wire import (
    Call,
    Json,
)

_STATE_MACHINES = "states.amazonaws.com"


def user_identity(engine: Engine, call: Call) -> Json:
    """`userIdentity` of Root, IAMUser, AssumedRole and FederatedUser callers.

    An `aws-sdk` task of a state machine reaches us without its role: MiniStack calls its own
    services unauthenticated. Such a call is an AWSService, which has no ARN on AWS either.
    """
    if not call.user_agent and call.access_key in {"", "test"}:
        return {"type": "AWSService", "invokedBy": _STATE_MACHINES}
    holder = engine.credential(call.access_key, call.account)
    if holder is None:
        return {"type": "Unknown", "accessKeyId": call.access_key}
    identity: Json = {
        "type": "IAMUser" if holder.principal_type == "User" else holder.principal_type,
        "principalId": holder.principal_id,
        "arn": holder.principal_arn,
        "accountId": holder.account_id,
        "accessKeyId": call.access_key,
    }
    if identity["type"] == "IAMUser":
        identity["userName"] = holder.principal_name
    elif identity["type"] == "AssumedRole":
        return _assumed_role(engine, identity)
    elif identity["type"] == "FederatedUser":
        identity["sessionContext"] = {"attributes": _session_attributes(engine, call.access_key)}
    return identity


def _assumed_role(engine: Engine, identity: Json) -> Json:
    """Add the session's issuer: the role whose ARN, unlike the session's, has its path."""
    account = identity["accountId"]
    _, role_name, session_name = identity["arn"].split("/", 2)
    role = engine.role(account, role_name)
    role_id = role.get("RoleId", role_name)
    issuer = {
        "type": "Role",
        "principalId": role_id,
        "arn": role.get("Arn", f"arn:aws:iam::{account}:role/{role_name}"),
        "accountId": account,
        "userName": role_name,
    }
    context = {
        "sessionIssuer": issuer,
        "webIdFederationData": {},
        "attributes": _session_attributes(engine, identity["accessKeyId"]),
    }
    return {**identity, "principalId": f"{role_id}:{session_name}", "sessionContext": context}


def _session_attributes(engine: Engine, access_key: str) -> Json:
    issued = engine.session_issued_at(access_key)
    began = datetime.fromtimestamp(issued, UTC) if issued else datetime.now(UTC)
    return {"creationDate": f"{began:%Y-%m-%dT%H:%M:%SZ}", "mfaAuthenticated": "false"}


def caller_arn(engine: Engine, call: Call) -> str:
    """ARN of the caller, of the role where it is a session; of a service, its name."""
    identity = user_identity(engine, call)
    issuer = identity.get("sessionContext", {}).get("sessionIssuer", {})
    return str(issuer.get("arn") or identity.get("arn") or identity.get("invokedBy", ""))
