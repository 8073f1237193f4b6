"""Reports, pure: periods of both calendars, what a call adds to the figures, what each figure means, tables of them."""
