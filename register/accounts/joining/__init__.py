"""How people come in: invited by who manages a place, or asking for it. Nobody signs up."""
