"""How the reader that ships was trained and its confidences fitted. Nothing else in qa imports this."""
