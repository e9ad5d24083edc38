"""How fast the pages are in a large register: `make bench`, see docs/performance.md.

The whole stack runs in one process: middleware, a signed-in session, the view, its template. Each case is compared
with a baseline page measured in the same run, so that its ratio means the same on any machine.
"""
