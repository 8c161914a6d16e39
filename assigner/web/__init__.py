"""The live page: move townships and schools between communities at a click, and see what it does."""
