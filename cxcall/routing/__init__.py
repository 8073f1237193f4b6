"""Where a call should go: facts in, a decision with its reasons out. Pure: no clock, no database, no network."""
