from pathlib import Path
from xml.etree import ElementTree

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equime_generation.causal import MODEL, OBSERVED, Draw, plan_clip
from equime_generation.graph import CausalGraph, Variable
from equime_generation.graph_figure import draw

FIGURE = Path(__file__).resolve().parents[2] / "docs" / "causal_model.svg"


def graph_of(arrows: dict[int, list[int]]) -> CausalGraph[None]:
    return CausalGraph(
        variables=tuple(
            Variable(name=str(node), meaning="", parents=tuple(map(str, parents))) for node, parents in arrows.items()
        )
    )


@st.composite
def graphs(draws: st.DrawFn) -> CausalGraph[None]:
    size = draws(st.integers(2, 7))
    return graph_of({node: sorted(draws(st.sets(st.integers(0, node - 1)))) if node else [] for node in range(size)})


@given(graphs())
def test_independence_agrees_with_d_separation(graph: CausalGraph[None]) -> None:
    other = nx.DiGraph()
    other.add_nodes_from(variable.name for variable in graph.variables)
    other.add_edges_from(graph.arrows)
    first, last = graph.variables[0].name, graph.variables[-1].name
    assert graph.independent(first, last) == nx.is_d_separator(other, {first}, {last}, set())


def test_people_and_programmes_are_dependent_in_recordings_and_independent_here() -> None:
    assert not OBSERVED.independent("D", "A")
    assert not OBSERVED.independent("D", "P")
    assert MODEL.independent("D", "A")
    assert MODEL.independent("D", "P")
    assert MODEL.independent("D", "N")
    assert MODEL.independent("N", "A")
    assert not MODEL.independent("D", "V")
    assert MODEL.removed == (("D", "A"),)


def test_do_sets_a_variable_and_removes_its_causes() -> None:
    graph: CausalGraph[None] = CausalGraph(
        variables=(
            Variable(name="X", meaning="", mechanism=lambda _noise, _causes: 2),
            Variable(name="Y", meaning="", parents=("X",), mechanism=lambda _noise, causes: causes["X"] * 10),
            Variable(name="Z", meaning="", parents=("Y",), mechanism=lambda _noise, causes: causes["Y"] + 1),
        )
    )
    assert graph.sample(None) == {"X": 2, "Y": 20, "Z": 21}
    forced = graph.do(Y=7)
    assert forced.sample(None) == {"X": 2, "Y": 7, "Z": 8}
    assert forced.arrows == (("Y", "Z"),)
    assert graph.do(X=1, Z=0).sample(None) == {"X": 1, "Y": 10, "Z": 0}


def test_wrong_graphs_are_refused() -> None:
    with pytest.raises(ValueError, match=r"1: parents must come before it, \['2'\] do not"):
        graph_of({1: [2], 2: []})
    with pytest.raises(ValueError, match="no arrow A -> D to cut"):
        OBSERVED.cut("A", "D")
    with pytest.raises(KeyError):
        MODEL.do(Q=1)


def test_without_intervention_the_model_draws_an_emotion() -> None:
    emotions = {MODEL.do(D="p").sample(Draw(seed=0, plan_id=f"c{number}"))["E"] for number in range(60)}
    assert emotions == {"happiness", "sadness", "surprise", "fear", "anger", "neutral"}


def test_plans_are_samples_of_the_model() -> None:
    plan = plan_clip(subject_id="p", emotion="fear", clip_id="c", plan_id="q", seed=4)
    values = MODEL.do(D="somebody else", E="fear").sample(Draw(seed=4, plan_id="q"))
    assert (plan.aus, plan.nuisance, (plan.prompt, plan.caption)) == (values["A"], values["N"], values["P"])


def test_the_figure_shows_every_variable_and_the_cut() -> None:
    root = ElementTree.fromstring(draw(MODEL))
    texts = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {variable.name for variable in MODEL.variables} | {"cut"} <= texts
    paths = list(root.iter("{http://www.w3.org/2000/svg}path"))
    assert len(paths) == len(MODEL.arrows) + 3, "one a line, the cut one, and two arrow heads"


def test_the_figure_in_the_docs_is_current() -> None:
    assert FIGURE.read_text(encoding="utf-8") == draw(MODEL)
