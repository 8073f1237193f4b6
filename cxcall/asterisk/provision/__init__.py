"""Queues of an Asterisk: what is there is read, and what people planned is written, over its manager interface.

Written is a file of our own (`queues_cxcall.conf`), its rules beside it, and a few keys of Asterisk's own database that
the dialplan reads: hours, closures, where callers go next. Nothing of it needs cxcall to run afterwards.
"""
