"""Call-backs that keep their place: promised in the queue, kept while the customer is away, made at their turn."""
