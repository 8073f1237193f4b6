"""Edge to people and programs: pages, API, live channel."""
