"""Names of support/scene.py under an older address."""

from support.scene import drawn, words  # noqa: F401
