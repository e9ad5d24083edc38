"""The secretary's desk: a preview, a covering note, and who was sent what."""
