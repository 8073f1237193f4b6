"""Pure: what happened on the phones. Events in, changes to call records out; no I/O, no clock."""
