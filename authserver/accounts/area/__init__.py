"""The account area: what a person sees and changes of their own account, one page a file.

OWASP ASVS 5 §7.5 (a fresh sign-in before what matters). https://owasp.org/ASVS
"""
