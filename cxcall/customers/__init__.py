"""Pure: who the customer is. Numbers, profiles, identity; no I/O, no clock."""
