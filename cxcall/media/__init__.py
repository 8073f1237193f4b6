"""The sound of calls: live streams and recordings through the engines, what is understood of them, and the jobs."""
