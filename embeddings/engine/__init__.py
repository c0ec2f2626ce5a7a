"""The only door to torch, transformers' models and any compiled runtime: texts in, arrays out."""
