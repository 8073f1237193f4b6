"""Quality review as it is kept: scorecards, plans, reviews that wait, evaluations, disputes, coaching and results."""
