"""Other trades and purchases: small data with known segments, and the vars that are all a user writes."""
