"""From an export folder to a tested answer: did the explanation help?

`load` reads and verifies, `population` and `exclusions` say who counts, `inference` compares two
arms, `effects` answers the plan's contrasts, `report` writes it down.
"""

__version__ = "0.1.0"
