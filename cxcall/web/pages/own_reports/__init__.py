"""What people keep for themselves and share: reports of their own, views of the list of calls, exports."""
