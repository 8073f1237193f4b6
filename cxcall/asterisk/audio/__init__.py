"""AudioSocket: Asterisk hands the sound of a channel over a TCP connection."""
