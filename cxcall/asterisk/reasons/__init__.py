"""Callers say why they call, before a queue: heard by AudioSocket, matched against intents, told to the dialplan."""
