"""What is wrong, why, and the one repair: of this machine, of a broker, of a notebook."""
