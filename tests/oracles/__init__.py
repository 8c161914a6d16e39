"""Second opinions, written apart from the product's own mathematics: a judge, a brute force, a MIP."""
