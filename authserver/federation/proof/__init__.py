"""An identity whose address an account here has: that account is proven once, by its password or by a mailed code."""
