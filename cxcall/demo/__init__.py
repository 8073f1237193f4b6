"""A whole call centre on this machine: private Asterisk, phones, seeded customers, made-up traffic."""
