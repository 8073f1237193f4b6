"""Recordings: what Asterisk wrote of a call becomes one file that is kept, and goes when its time is over."""
