"""Who is here: the session behind a browser's cookie, how one begins, and what a person proves to begin it.

It stands below every room of pages: sign-in, sign-up, providers and the person's own area all come to it.
OWASP ASVS 5 §6, §7: https://owasp.org/ASVS ; NIST SP 800-63B-4: https://pages.nist.gov/800-63-4/sp800-63b.html
"""
