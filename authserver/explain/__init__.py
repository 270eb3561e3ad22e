"""What a client would get for a person, claim by claim, and what made each: made by the rules that issue the tokens.

Pure but for what it reads of the store; nothing is issued.
"""
