"""What can go wrong with a change that several people make."""


class Conflict(Exception):
    """Someone else changed this meanwhile; load it again and repeat the change."""
