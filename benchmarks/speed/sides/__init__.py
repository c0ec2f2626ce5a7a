"""The sides of the comparison, each run by `protocol.serve` in a process of its own; some in environments of their own."""
