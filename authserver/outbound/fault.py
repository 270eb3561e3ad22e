"""Why a call to another server came to nothing."""


class CallError(Exception):
    """A call that failed; the text is for the log. `is_away` says that a later one may do better."""

    def __init__(self, detail: str, *, is_away: bool = False) -> None:
        super().__init__(detail)
        self.detail = detail
        self.is_away = is_away


class RedirectError(CallError):
    """The answer was a redirect, which is not followed."""
