"""What can go wrong when an excerpt is changed."""

from whitelight.errors import WhitelightError


class AugmentError(WhitelightError):
    """A change that cannot be drawn or applied."""
