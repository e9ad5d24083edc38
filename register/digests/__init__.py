"""The weekly digest: opened, built, addressed, delivered and kept."""
