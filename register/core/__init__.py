"""The ground floor: what every capability stands on. No models of its own."""
