"""Many races, each into a folder of its own, and one summary of them all.

`races` finds them, `one` works one off, `place` puts its folder in place, `pool` has the workers,
`run` does all steps, and `summary` writes the results.
"""
