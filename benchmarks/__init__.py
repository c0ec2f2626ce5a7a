"""What is measured, and the results that tables and plots are made from."""
