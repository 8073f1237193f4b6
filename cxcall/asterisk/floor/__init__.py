"""The floor while calls go on: agents and their states, the wallboard, alerts."""
