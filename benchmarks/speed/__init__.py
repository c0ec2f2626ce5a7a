"""How fast questions are answered, beside other ways to answer them with the same models. `make bench` runs it."""
