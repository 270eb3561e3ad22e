"""What a client would get for a person or itself, claim by claim, and why: made by the rules that issue the tokens.

Pure but for what it reads of the store; nothing is issued.
"""
