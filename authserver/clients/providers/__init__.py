"""The providers upstream that clients.yaml registers: their entry, its rules, the files it names, and what is built."""
