"""The reader that ships: weights, tokenizer, card and calibration."""
