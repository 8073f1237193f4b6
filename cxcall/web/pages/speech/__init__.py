"""Pages about what is said: live text on the desk and for supervisors, transcripts, categories, search."""
