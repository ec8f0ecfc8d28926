"""Programs of an environment of their own (`pyproject.toml` here); `policy/scan.py` starts them.

Each takes templates as arguments and prints a JSON list of `[file, rule, logical id]`.
"""
