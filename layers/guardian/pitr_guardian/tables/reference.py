"""A table is an ARN: account and region travel inside it everywhere."""

import re
from dataclasses import dataclass
from typing import Protocol, Self

NAME = re.compile(r"[A-Za-z0-9_.-]{3,255}")
_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]{0,16}):dynamodb:(?P<region>[a-z0-9-]{1,32}):(?P<account>\d{12})"
    r":table/(?P<name>[A-Za-z0-9_.-]{3,255})",
    re.ASCII,
)


class InvalidTableError(ValueError):
    """What was given is neither a table name nor a table ARN."""


class Place(Protocol):
    """Anything that lies in one region of one account; AWS's clients are of such a place."""

    @property
    def partition(self) -> str:
        """AWS's partition, such as ``aws``."""

    @property
    def account(self) -> str:
        """The account's id."""

    @property
    def region(self) -> str:
        """The region's name."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One region of one account: AWS's limits are of a scope, and a sweep goes by scopes."""

    partition: str
    account: str
    region: str


@dataclass(frozen=True, slots=True)
class Home(Scope):
    """The guardian's own, where a bare table name is to be looked for."""


@dataclass(frozen=True, slots=True)
class TableRef:
    """One table, or one replica of a global table, in one account and region."""

    partition: str
    account: str
    region: str
    name: str

    @property
    def arn(self) -> str:
        """The table's ARN."""
        return f"arn:{self.partition}:dynamodb:{self.region}:{self.account}:table/{self.name}"

    @classmethod
    def from_arn(cls, arn: str) -> Self:
        """Read a table ARN.

        Raises:
            InvalidTableError: it isn't one.
        """
        match = _ARN.fullmatch(arn)
        if match is None:
            raise InvalidTableError(f"{arn!r:.300} is not the ARN of a DynamoDB table")
        return cls(**match.groupdict())

    @classmethod
    def parse(cls, name_or_arn: str, home: Home) -> Self:
        """Read a name or an ARN, both of which DynamoDB takes as ``TableName``.

        Raises:
            InvalidTableError: it is neither, or its home can't be one.
        """
        if name_or_arn.startswith("arn:"):
            return cls.from_arn(name_or_arn)
        if NAME.fullmatch(name_or_arn) is None:
            raise InvalidTableError(
                f"{name_or_arn!r:.300} is not a table name: 3 to 255 of A-Z a-z 0-9 _ . -"
            )
        return cls.from_arn(cls(home.partition, home.account, home.region, name_or_arn).arn)

    def replica_in(self, region: str) -> "TableRef":
        """The replica of this table in another region.

        Raises:
            InvalidTableError: no region has such a name.
        """
        return TableRef.from_arn(TableRef(self.partition, self.account, region, self.name).arn)

    def __str__(self) -> str:
        return f"{self.name} ({self.account}, {self.region})"
