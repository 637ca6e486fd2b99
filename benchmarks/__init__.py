"""Claims and their figures: one file a claim, each against a named peer in the same run. Nothing here is a test."""
