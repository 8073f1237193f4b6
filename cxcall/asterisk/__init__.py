"""Edge to Asterisk: the manager interface, resync, actions, the listener that keeps the record."""
