"""How good answers are: judged one by one, come to figures with intervals, written as a report, compared."""
