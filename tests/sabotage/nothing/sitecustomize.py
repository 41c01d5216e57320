"""No sabotage at all, for tests/test_sabotage.py: the way to the others breaks nothing by itself."""
