"""The second factor at a sign-in: whether it is due, who owes it, and whether what is presented is one.

OWASP ASVS 5 §6.3.3, §6.4. https://owasp.org/ASVS ; NIST SP 800-63B-4: https://pages.nist.gov/800-63-4/sp800-63b.html
"""
