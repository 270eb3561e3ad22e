"""What the operations of the API share: who calls, what each takes and answers, and how it is refused or repeated."""
