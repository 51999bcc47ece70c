"""Who did it, as CloudTrail tells it: every kind of identity, with whatever is missing."""

from typing import Any

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.facts.actor import (
    Actor,
    actor_from,
)

ROLE = "arn:aws:iam::111122223333:role/Deployer"
SESSION = "arn:aws:sts::111122223333:assumed-role/Deployer/ci"

IDENTITIES: dict[str, tuple[dict[str, Any], Actor]] = {
    "root": (
        {"type": "Root", "arn": "arn:aws:iam::111122223333:root", "accountId": "111122223333"},
        Actor(type="Root", arn="arn:aws:iam::111122223333:root"),
    ),
    "user": (
        {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/alice", "userName": "alice"},
        Actor(type="IAMUser", arn="arn:aws:iam::111122223333:user/alice"),
    ),
    "user with a session": (
        {
            "type": "IAMUser",
            "arn": "arn:aws:iam::111122223333:user/alice",
            "sessionContext": {"attributes": {"mfaAuthenticated": "true"}},
        },
        Actor(type="IAMUser", arn="arn:aws:iam::111122223333:user/alice"),
    ),
    "assumed role": (
        {
            "type": "AssumedRole",
            "arn": SESSION,
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": ROLE}},
        },
        Actor(type="AssumedRole", arn=SESSION),
    ),
    "assumed role without an arn of its own": (
        {"type": "AssumedRole", "sessionContext": {"sessionIssuer": {"arn": ROLE}}},
        Actor(type="AssumedRole", arn=ROLE),
    ),
    "federated user": (
        {"type": "FederatedUser", "arn": "arn:aws:sts::111122223333:federated-user/bob"},
        Actor(type="FederatedUser", arn="arn:aws:sts::111122223333:federated-user/bob"),
    ),
    "service": (
        {"type": "AWSService", "invokedBy": "replication.dynamodb.amazonaws.com"},
        Actor(type="AWSService", invoked_by="replication.dynamodb.amazonaws.com"),
    ),
    "nobody known": ({"sessionContext": None}, Actor()),
}


@pytest.mark.parametrize("kind", IDENTITIES)
def test_every_identity_is_read(kind: str) -> None:
    identity, actor = IDENTITIES[kind]
    assert actor_from(identity, None, None) == actor


def test_where_nothing_is_told_there_is_no_actor() -> None:
    assert actor_from(None, None, None) is None
    assert actor_from({}, "", "") is None


def test_address_and_user_agent_are_an_actor_too() -> None:
    actor = actor_from(None, "203.0.113.7", "curl/8")
    assert actor == Actor(source_ip="203.0.113.7", user_agent="curl/8")


BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("invoked_by", "user_agent", "tool"),
    [
        (None, "console.amazonaws.com", "console"),
        ("AWS Internal", "AWS Internal", None),
        (None, "aws-internal/3 aws-sdk-java/1.12 Linux/5.10 java/17 cfg/retry-mode", "console"),
        (
            None,
            "aws-cli/2.31.3 md/awscrt#0.27.6 ua/2.1 os/linux#6.8 md/arch#x86_64 lang/python#3.13.7"
            " md/pyimpl#CPython cfg/retry-mode#standard md/prompt#off"
            " md/command#dynamodb.update-continuous-backups",
            "CLI",
        ),
        (None, "aws-cli/1.42.4 md/Botocore#1.40.4 ua/2.1 os/linux lang/python#3.12.3", "CLI"),
        (
            None,
            "Boto3/1.40.35 md/Botocore#1.40.35 ua/2.1 os/linux#6.8 lang/python#3.13.7",
            "SDK for Python",
        ),
        (
            None,
            "APN/1.0 HashiCorp/1.0 Terraform/1.13.3 (+https://www.terraform.io)"
            " terraform-provider-aws/6.14.1 (+https://registry.terraform.io/providers/hashicorp/aws)"
            " aws-sdk-go-v2/1.39.0 ua/2.1 os/linux lang/go#1.24.6 api/dynamodb#1.50.1",
            "Terraform",
        ),
        ("cloudformation.amazonaws.com", "cloudformation.amazonaws.com", "CloudFormation"),
        (
            None,
            "APN/1.0 Pulumi/1.0 PulumiAWS/7.8.0 (+https://www.pulumi.com) aws-sdk-go-v2/1.39.0"
            " ua/2.1 os/linux lang/go#1.24.6",
            "Pulumi",
        ),
        (None, "aws-cdk/2.1029.2 aws-sdk-js/3.894.0 ua/2.1 os/linux lang/js#22.19.0", "CDK"),
        (None, "aws-sdk-js/3.894.0 ua/2.1 os/linux lang/js md/nodejs#22", "SDK for JavaScript"),
        (None, "aws-sdk-java/2.34.0 md/io#sync ua/2.1 os/Linux lang/java#21", "SDK for Java"),
        (None, "aws-sdk-go-v2/1.39.0 ua/2.1 os/linux lang/go#1.24.6", "SDK for Go"),
        (None, "aws-sdk-rust/1.3.8 ua/2.1 api/dynamodb/1.93 os/linux lang/rust/1.89", "SDK"),
        (None, BROWSER, None),
        (None, None, None),
    ],
)
def test_the_tool_is_told_from_its_traces(
    invoked_by: str | None, user_agent: str | None, tool: str | None
) -> None:
    identity = {"type": "IAMUser"} | ({"invokedBy": invoked_by} if invoked_by else {})
    actor = actor_from(identity, None, user_agent)
    assert actor is not None
    assert actor.tool == tool


def test_on_the_wire_an_actor_has_only_what_is_known() -> None:
    actor = Actor(source_ip="203.0.113.7", invoked_by="x.amazonaws.com")
    assert actor.model_dump(by_alias=True, mode="json") == {
        "sourceIp": "203.0.113.7",
        "invokedBy": "x.amazonaws.com",
    }


@pytest.mark.parametrize(
    ("actor", "words"),
    [
        (Actor(arn=ROLE, tool="Terraform"), f"{ROLE} (Terraform)"),
        (Actor(invoked_by="x.amazonaws.com", type="AWSService"), "x.amazonaws.com"),
        (Actor(type="Root"), "Root"),
        (Actor(), "an unknown caller"),
    ],
)
def test_a_person_reads_who_it_was(actor: Actor, words: str) -> None:
    assert str(actor) == words


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=5), values),
    max_leaves=5,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "type": json_values,
            "arn": json_values,
            "invokedBy": json_values,
            "sessionContext": json_values
            | st.fixed_dictionaries({"sessionIssuer": json_values})
            | st.fixed_dictionaries({"sessionIssuer": st.fixed_dictionaries({"arn": json_values})}),
        },
    )
)
def test_no_shape_of_an_identity_hides_the_event(identity: dict[str, Any]) -> None:
    actor = actor_from(identity, "203.0.113.7", None)
    assert actor is not None
    assert actor.source_ip == "203.0.113.7"


@pytest.mark.parametrize(
    ("role", "session", "user_agent", "tool"),
    [
        ("cdk-hnb659fds-cfn-exec-role-111122223333-eu-central-1", "AWSCloudFormation", None, "CDK"),
        ("deploy", "AWSCloudFormation", "Boto3/1.40", "CloudFormation"),
        ("deploy", "terraform-run-4711", "aws-sdk-go-v2/1.38", "Terraform"),
        ("pulumi-deploy", "ci", None, "Pulumi"),
        ("terraform-admin", "ada", "aws-cli/2.31.3", "CLI"),
        ("admin", "ada", "Boto3/1.40", "SDK for Python"),
    ],
)
def test_the_session_tells_the_tool_where_the_tool_itself_doesnt(
    role: str, session: str, user_agent: str | None, tool: str
) -> None:
    identity = {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::111122223333:assumed-role/{role}/{session}",
        "sessionContext": {
            "sessionIssuer": {"arn": f"arn:aws:iam::111122223333:role/{role}", "type": "Role"}
        },
    }
    actor = actor_from(identity, None, user_agent)
    assert actor is not None
    assert actor.tool == tool


CLOUD_SHELL = "os/linux#6.1.134 md/arch#x86_64 lang/python#3.13.4 exec-env/CloudShell"


@pytest.mark.parametrize(
    ("invoked_by", "user_agent", "tool"),
    [
        (None, BROWSER, "console"),
        (None, None, "console"),
        ("AWS Internal", "AWS Internal", "console"),
        (None, f"aws-cli/2.31.3 md/awscrt#0.27.6 ua/2.1 {CLOUD_SHELL} cfg/retry-mode#x", "CLI"),
        (
            None,
            "APN/1.0 HashiCorp/1.0 Terraform/1.13.3 (+https://www.terraform.io)"
            " terraform-provider-aws/6.14.1 aws-sdk-go-v2/1.39.0 ua/2.1 os/linux lang/go#1.24.6"
            " exec-env/CloudShell",
            "Terraform",
        ),
        (None, "aws-cdk/2.1029.2 aws-sdk-js/3.894.0 exec-env/CloudShell", "CDK"),
        (None, "APN/1.0 Pulumi/1.0 PulumiAWS/7.8.0 aws-sdk-go-v2/1.39.0", "Pulumi"),
        (None, f"Boto3/1.40.35 md/Botocore#1.40.35 ua/2.1 {CLOUD_SHELL}", "SDK for Python"),
        ("cloudformation.amazonaws.com", "cloudformation.amazonaws.com", "CloudFormation"),
    ],
)
def test_a_console_sessions_credentials_tell_the_tool_only_where_no_trace_does(
    invoked_by: str | None, user_agent: str | None, tool: str
) -> None:
    identity = {"invokedBy": invoked_by} if invoked_by else {}
    actor = actor_from(identity, "203.0.113.7", user_agent, from_console=True)
    assert actor is not None
    assert actor.tool == tool


def test_a_person_in_a_browser_is_no_deployer_whatever_the_role_is_called() -> None:
    session = "arn:aws:sts::111122223333:assumed-role/terraform-admin/ada"
    actor = actor_from({"arn": session}, "203.0.113.7", BROWSER, from_console=True)
    assert actor is not None
    assert actor.tool == "console"
