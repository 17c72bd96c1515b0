"""The one base class of every error that is the user's business.

A message says four things: which thing, what was found, what was expected, what to do.
The command line prints it as one line and exits with code 1; anything else is a bug and shows its traceback.
"""


class WhitelightError(Exception):
    """Base of all errors raised on purpose; subclasses are named for the fact they state."""
