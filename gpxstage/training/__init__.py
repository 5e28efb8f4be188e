"""What a race demands of a training, and what the recordings of a runner hold of it."""
