"""What stands in the way of a publication; each error says what to do about it."""

from whitelight.errors import WhitelightError


class PublishError(WhitelightError):
    """A dataset cannot be published like this."""


class UnlicensedError(PublishError):
    """Media, or a public place, without a license."""


class LeakError(PublishError):
    """A column, the manifest or the card holds an absolute path or a secret."""


class OccupiedError(PublishError):
    """The place holds something else, or this version with other content."""


class HubError(PublishError):
    """The hub refused, could not be reached, or holds something else."""
