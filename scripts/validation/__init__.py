"""What scripts/validate.py is made of: real results and recordings against what we estimate."""
