"""The one error of a build."""


class BuildError(RuntimeError):
    """Something cannot be built. The message says what failed, why, and what to do about it."""
