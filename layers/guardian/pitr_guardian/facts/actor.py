"""Who did it, from where, and with which tool."""

from typing import Annotated, Any

from pydantic import BeforeValidator, SerializerFunctionWrapHandler, model_serializer

from pitr_guardian.basics.legible import well_formed
from pitr_guardian.basics.model import (
    StoredModel,
    mapping,
)

_LONGEST = 1024
"""Characters of each part: as many bytes as CloudTrail keeps of a user agent."""

# The first that is found in `invokedBy` or the user agent names the tool; the more telling ones
# come first, since Terraform and Pulumi carry an SDK's name as well.
_DEPLOYERS = (
    ("cloudformation", "CloudFormation"),
    ("terraform", "Terraform"),
    ("pulumi", "Pulumi"),
    ("aws-cdk", "CDK"),
)
_TOOLS = (
    *_DEPLOYERS,
    ("console.amazonaws.com", "console"),
    ("signin.amazonaws.com", "console"),
    ("aws-internal", "console"),
    ("aws-cli", "CLI"),
    ("boto3", "SDK for Python"),
    ("botocore", "SDK for Python"),
    ("aws-sdk-js", "SDK for JavaScript"),
    ("aws-sdk-java", "SDK for Java"),
    ("aws-sdk-go", "SDK for Go"),
    ("aws-sdk", "SDK"),
)


def _bounded(value: object) -> object:
    return well_formed(value, _LONGEST) if isinstance(value, str) else value


_Part = Annotated[str | None, BeforeValidator(_bounded)]


class Actor(StoredModel):
    """The caller as CloudTrail's ``userIdentity`` tells it; every part may be missing."""

    arn: _Part = None
    type: _Part = None
    source_ip: _Part = None
    user_agent: _Part = None
    tool: _Part = None
    invoked_by: _Part = None
    event_id: _Part = None
    """CloudTrail's id of the call."""

    @model_serializer(mode="wrap")
    def _without_what_is_unknown(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in write(self).items() if value is not None}

    def __str__(self) -> str:
        who = self.arn or self.invoked_by or self.type or "an unknown caller"
        return f"{who} ({self.tool})" if self.tool else who


def actor_from(
    identity: object,
    source_ip: object,
    user_agent: object,
    *,
    from_console: bool = False,
    event_id: str | None = None,
) -> Actor | None:
    """Read the actor of a CloudTrail record; what isn't as it should be is not known.

    Args:
        identity: its ``userIdentity``. An AWS service has no ``arn``, a service-linked or
            cross-account caller may lack more, and the whole element may be missing.
        source_ip: its ``sourceIPAddress``.
        user_agent: its ``userAgent``.
        from_console: its ``sessionCredentialFromConsole``.
        event_id: its ``eventID``.
    """
    identity = mapping(identity)
    source_ip, user_agent = _text(source_ip), _text(user_agent)
    if not identity and not source_ip and not user_agent:
        return None
    issuer = mapping(mapping(identity.get("sessionContext")).get("sessionIssuer"))
    invoked_by = _text(identity.get("invokedBy"))
    role = _text(issuer.get("arn"))
    arn = _text(identity.get("arn")) or role
    return Actor(
        arn=arn,
        type=_text(identity.get("type")),
        source_ip=source_ip,
        user_agent=user_agent,
        tool=_tool_of(f"{invoked_by} {user_agent}", f"{arn} {role}", from_console),
        invoked_by=invoked_by,
        event_id=event_id,
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _tool_of(traces: str, session: str, from_console: bool) -> str | None:
    """Tell the tool from its own traces, else from the session it runs in.

    Terraform or the CLI in CloudShell (`exec-env/CloudShell`), and a stack that is updated in a
    browser, run on a console session's credentials, too: that these come from there tells the
    tool only where no trace does.
    """
    if "/cdk-" in session and "-cfn-exec-role" in session:  # the role CDK deploys its stacks with
        return "CDK"
    tool = _first(_TOOLS, traces)
    if tool is None and from_console:
        return "console"
    if tool is None or tool.startswith("SDK"):
        return _first(_DEPLOYERS, session) or tool
    return tool


def _first(known: tuple[tuple[str, str], ...], traces: str) -> str | None:
    return next((tool for trace, tool in known if trace in traces.lower()), None)
