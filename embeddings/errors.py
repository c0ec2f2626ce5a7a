"""Mistakes that a person can fix. Surfaces catch `UserError` and nothing else."""


class UserError(Exception):
    """Something the user can put right; the message says what happened, where, and what to run next."""


class UnreadableFile(UserError):
    """A file that gives no Document: empty, binary, encrypted, over-large, broken or not supported."""


class IndexMissing(UserError):
    """There is no index at the given place."""


class IndexIncompatible(UserError):
    """The index was built with another encoder, format or split, and must be built again."""


class IndexDamaged(UserError):
    """A file of the index is missing or is not the one that the manifest names."""


class IndexBusy(UserError):
    """Another process is writing to the index."""


class ModelUnusable(UserError):
    """A configured model is missing, is not what its pinned digest says, or is not of the needed kind."""


class BadSettings(UserError):
    """A setting that is unknown or has an impossible value; the message names the key and where it came from."""


class BadInput(UserError):
    """A question file, gold file or history that cannot be understood."""
