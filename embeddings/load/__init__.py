"""Bytes to Documents: one small module per format."""
