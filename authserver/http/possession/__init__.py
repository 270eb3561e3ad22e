"""What proves that whoever sends a request holds a key: DPoP (RFC 9449 https://www.rfc-editor.org/rfc/rfc9449)."""
