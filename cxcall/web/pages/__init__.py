"""One module a page: its routes, its view models."""
