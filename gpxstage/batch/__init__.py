"""Many races, each into a folder of its own, and one summary of them all.

`races` finds them, `one` works one off, `place` puts its folder in place, `pool` has the workers,
`run` leads through all of it, and `summary` writes what came out.
"""
