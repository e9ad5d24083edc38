"""What the pages count. Frozen dataclasses, made by few queries; templates show them and ask nothing."""
