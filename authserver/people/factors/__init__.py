"""Second factors of a person: set up, renamed, removed, and lost. Each change is told: somebody else's is noticed.

OWASP ASVS 5 §6.3.7, §6.4.3. https://owasp.org/ASVS
"""
