"""How statements reach the database: open connections and the turns at them, statements compiled once, dialects."""
