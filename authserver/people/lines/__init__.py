"""People as lines of JSON and as rows of a table: the same rules, whoever reads them."""
