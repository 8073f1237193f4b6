"""Numbers people say that must not stay: how they are said, which they are, and which words around them tell."""
