"""From files to an index on disk. No question is known here."""
