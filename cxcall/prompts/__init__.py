"""Prompts: what callers hear. Any audio file, or a text, becomes two telephone files of one loudness.

`reading` takes a file in, `levels` trims and levels it, `making` writes the files, `speak` has engines say a text.
The libraries behind `making` take tens of MB of memory: who serves calls imports it only when a prompt is made.
"""
