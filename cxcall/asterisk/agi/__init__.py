"""FastAGI: Asterisk hands a call over a TCP connection, and we tell it what to do until we let go."""
