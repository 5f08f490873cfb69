"""Structural causal models: variables with parents and mechanisms, interventions, and independence by structure.

Source: Pearl, "Causality" (2nd ed., 2009), sections 1.2 (d-separation) and 3.2 (do(.) removes incoming arrows).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Generic, TypeVar

Noise = TypeVar("Noise")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable(Generic[Noise]):
    """One variable of a model.

    Attributes:
        name: Short name, such as ``"A"``.
        meaning: What it stands for.
        parents: Names of its direct causes.
        mechanism: Takes the noise source and the parents' values; ``None`` = made elsewhere, not sampled.
    """

    name: str
    meaning: str
    parents: tuple[str, ...] = ()
    mechanism: Callable[[Noise, Mapping[str, Any]], Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CausalGraph(Generic[Noise]):
    """A structural causal model.

    Attributes:
        variables: Causes before effects.
        removed: Arrows (cause, effect) that interventions have cut; kept for the figure.
    """

    variables: tuple[Variable[Noise], ...]
    removed: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        known: set[str] = set()
        for variable in self.variables:
            if missing := set(variable.parents) - known:
                raise ValueError(f"{variable.name}: parents must come before it, {sorted(missing)} do not")
            if variable.name in known:
                raise ValueError(f"{variable.name} stands twice")
            known.add(variable.name)

    def __getitem__(self, name: str) -> Variable[Noise]:
        """Return a variable by name.

        Raises:
            KeyError: There is none.
        """
        return {variable.name: variable for variable in self.variables}[name]

    @property
    def arrows(self) -> tuple[tuple[str, str], ...]:
        """Cause and effect of every arrow."""
        return tuple((cause, effect.name) for effect in self.variables for cause in effect.parents)

    def cut(self, cause: str, effect: str) -> CausalGraph[Noise]:
        """Return the model without one arrow; the effect's mechanism must not ask for that cause.

        Raises:
            ValueError: There is no such arrow.
        """
        if (cause, effect) not in self.arrows:
            raise ValueError(f"there is no arrow {cause} -> {effect} to cut")
        parents = tuple(name for name in self[effect].parents if name != cause)
        return self._with(replace(self[effect], parents=parents), removed=((cause, effect),))

    def do(self, **values: Any) -> CausalGraph[Noise]:
        """Return the model in which some variables are set from outside and have no causes any more.

        Raises:
            KeyError: A name is no variable's.
        """
        graph = self
        for name, value in values.items():
            old = graph[name]
            forced = replace(old, parents=(), mechanism=partial(_constant, value))
            graph = graph._with(forced, removed=tuple((cause, name) for cause in old.parents))
        return graph

    def _with(self, variable: Variable[Noise], removed: tuple[tuple[str, str], ...]) -> CausalGraph[Noise]:
        variables = tuple(variable if old.name == variable.name else old for old in self.variables)
        return CausalGraph(variables=variables, removed=self.removed + removed)

    def sample(self, noise: Noise) -> dict[str, Any]:
        """Return a value for each variable that has a mechanism, causes first.

        Args:
            noise: Handed to every mechanism; the model's only source of chance.
        """
        values: dict[str, Any] = {}
        for variable in self.variables:
            if variable.mechanism is not None:
                causes = {name: values[name] for name in variable.parents}
                values[variable.name] = variable.mechanism(noise, causes)
        return values

    def ancestors(self, name: str) -> frozenset[str]:
        """Return a variable with everything that it depends on."""
        found = {name}
        for parent in self[name].parents:
            found |= self.ancestors(parent)
        return frozenset(found)

    def independent(self, one: str, other: str) -> bool:
        """Tell whether two variables are independent by structure, with nothing held fixed.

        Without conditioning, d-separation comes down to having no common ancestor, each being its own.
        """
        return not self.ancestors(one) & self.ancestors(other)


def _constant(value: Any, _noise: object, _causes: Mapping[str, Any]) -> Any:
    return value
