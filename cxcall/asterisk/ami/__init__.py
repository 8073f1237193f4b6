"""The manager interface: framing, messages, the protocol under panoramisk's client, sessions, actions."""
