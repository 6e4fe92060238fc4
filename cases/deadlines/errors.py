"""What the computing of Fristen refuses."""


class DeadlineError(ValueError):
    """A Frist cannot be computed like this; the message is a German sentence that says what to do."""
