"""The sound of calls: live streams and recordings through the engines, what is understood of them, and the jobs."""

MODEL_THREAD = "model"
"""How the names of threads begin that run or load a model."""
