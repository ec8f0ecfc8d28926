"""Why a secret was not rotated."""


class RotationError(RuntimeError):
    """The rotation stops here; the message says what works meanwhile and what to do."""
