"""The tap: which calls are listened to, a spy on each speaker, and the way of their sound."""
