"""Engines that turn one utterance into words; the only part of this room that touches files and threads."""
