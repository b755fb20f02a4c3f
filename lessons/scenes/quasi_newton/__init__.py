"""Pictures for the lesson on quasi-Newton methods and the trust region."""
