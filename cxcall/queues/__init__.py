"""Queues as people set them up: what a queue is, who answers in it, when it is open, and what Asterisk is to be told.

Pure: plans, checks, configuration lines and their differences. `asterisk/provision` writes them, `store` keeps them.
"""
