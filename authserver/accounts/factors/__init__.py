"""Second factors at the door: asked for, and taken away with an administrator's link."""
