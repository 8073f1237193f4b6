"""Quality review, pure: what a call is scored by, its score, whether reviewers agree, and which calls to review."""
