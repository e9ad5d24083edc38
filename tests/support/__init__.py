"""What the tests stand on: one pair of servers per run, a database per worker, a browser."""
