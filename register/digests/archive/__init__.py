"""Past editions: their pages, and how to find them."""
