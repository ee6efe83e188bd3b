"""The errors that a person may read.

    Exception
    └── Refused      the rule that says no, in a sentence for the person who asked

Anything else is a defect and crashes loudly.
"""


class Refused(Exception):  # noqa: N818  (it is an answer, not a fault)
    """A verb declined to act. `code` is stable; `message` is shown to the person."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
