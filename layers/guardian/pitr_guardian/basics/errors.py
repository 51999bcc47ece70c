"""What AWS answers that isn't an answer: not now, and no."""


class TryLaterError(Exception):
    """AWS can't do it now and may be able to in a while; the text says why."""

    def __init__(self, why: str, *, may_have_happened: bool = False) -> None:
        """Say why, and whether the call may have been carried out all the same."""
        super().__init__(why)
        self.may_have_happened = may_have_happened


class AnsweredMeanwhileError(Exception):
    """An event was answered while it was looked at: it had been delivered twice at once."""


class RefusedError(Exception):
    """AWS refused, for good; the text says what."""


class MemberClosedError(RefusedError):
    """An account doesn't let the guardian in; the text says what to do."""

    def __init__(self, account: str, why: str) -> None:
        """Say which account it is, and why."""
        super().__init__(why)
        self.account = account
