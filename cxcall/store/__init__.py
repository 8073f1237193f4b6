"""Edge to the database and the journal: tables, one module an aggregate."""
