"""cxcall: customer-experience call centre software for Asterisk."""

__version__ = "0.1.0"
