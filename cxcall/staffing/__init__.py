"""Staffing, pure: how many agents a load of calls needs, what load to expect, who was to work and whether they did."""
