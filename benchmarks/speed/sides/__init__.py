"""The sides of the comparison, each run by `protocol.serve` in a process, some in an environment, of its own."""
