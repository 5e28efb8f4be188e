"""What a race demands of a training, and how much of that recordings contain."""
