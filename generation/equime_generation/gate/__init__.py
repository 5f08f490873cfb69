"""The photo gate: neutral, frontal, sharp faces pass, the others are listed with the rule that refused them."""

from equime_generation.gate.admission import admit
from equime_generation.gate.rules import RULES, Rule, rules_named, rules_without

__all__ = ["RULES", "Rule", "admit", "rules_named", "rules_without"]
