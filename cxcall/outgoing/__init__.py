"""Edge to other systems: what cxcall tells them, and only those the administrator set up."""
