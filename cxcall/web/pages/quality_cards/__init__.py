"""/quality/scorecards: what calls are scored by, as people set it up."""
