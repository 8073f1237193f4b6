"""Stepping in: the supervisor's acts on calls and agents, and what agents see of them."""
