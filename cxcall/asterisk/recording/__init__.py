"""Recording: Asterisk writes each side of a chosen call into a file, and leaves out what must not be kept."""
