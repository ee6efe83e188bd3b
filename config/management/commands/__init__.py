"""Commands of the whole house: one module each."""
