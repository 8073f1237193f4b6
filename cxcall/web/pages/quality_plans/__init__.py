"""/quality/plans: of which calls how many are drawn to be scored."""
