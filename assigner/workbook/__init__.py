"""The scenario as a workbook: the form that schools and planners fill in, read, marked where it is wrong, merged.

`layout` declares the sheets and columns once; the other modules write, read and mark what it declares.
"""
