"""What a user can put right, said in a sentence instead of a traceback."""


class ProblemError(Exception):
    """Says in one sentence what is wrong, and in another what to do about it."""
