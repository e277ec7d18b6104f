"""How a database comes to the tables of this version, one revision after the other."""
