"""Where calls go: decided when the dialplan asks, kept, and waiting callers lifted as they grow older."""
