"""What is wrong with an installation, and what to do: each file looks at one thing, as it is and not as it was meant.

It changes nothing, and nothing secret is in what it says.
"""
