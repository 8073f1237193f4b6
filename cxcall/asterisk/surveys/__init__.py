"""Surveys on the phone: who is asked, the asking itself, what is kept of it, and what comes of it."""
