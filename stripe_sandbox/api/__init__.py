"""The operations, by area."""
