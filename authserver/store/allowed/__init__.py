"""What a person has allowed a client, and what that became: consents, authorizations, codes and tokens."""
