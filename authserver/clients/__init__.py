"""Who asks: the APIs, roles and clients that an administrator declares in clients.yaml.

Client metadata: RFC 7591 §2, https://www.rfc-editor.org/rfc/rfc7591
Native applications: RFC 8252, https://www.rfc-editor.org/rfc/rfc8252
"""
