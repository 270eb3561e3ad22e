"""Marks the texts that people read, where they are written down rather than shown."""


def marked(text: str) -> str:
    """The text itself: it is translated where it is shown, and found by whoever collects what is to be translated."""
    return text
