"""How faithful explanations are to the network."""
