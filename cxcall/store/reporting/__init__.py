"""Reports from the database: rollups kept with the calls, read back, proved equal, and the calls behind a number."""
