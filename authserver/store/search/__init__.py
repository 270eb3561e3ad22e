"""People found by what begins as was typed, by role, by group: ways through indexes, each in bounded steps."""
