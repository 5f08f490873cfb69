import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import chi2_contingency, f_oneway

from equime_evaluation.equity import measures
from equime_evaluation.equity.measures import eta_squared, information_bits, phi_squared

tables = arrays(np.int64, (3, 4), elements=st.integers(1, 60)).map(lambda table: table.astype(float))


def moments(groups: list[list[float]]) -> np.ndarray:
    return np.array([[len(own), sum(own), sum(value**2 for value in own)] for own in groups], dtype=float)


def cramers_v(table: np.ndarray) -> np.ndarray:
    return measures.cramers_v(phi_squared(table), table)


def mutual_information_bits(table: np.ndarray) -> np.ndarray:
    return measures.miller_madow_bits(information_bits(table), table)


def omega_squared(found: np.ndarray) -> np.ndarray:
    return measures.omega_squared(eta_squared(found), found)


def test_a_table_worked_by_hand() -> None:
    # rows 40, 60 and columns 50, 50 expect 20, 20, 30, 30: chi-squared = 100/20 + 100/20 + 100/30 + 100/30 = 50/3
    table = np.array([[30.0, 10.0], [20.0, 40.0]])
    assert phi_squared(table) == pytest.approx(1 / 6)
    # Bergsma: (1/6 - 1/99) / (2 - 1/99 - 1)
    assert cramers_v(table) == pytest.approx(((1 / 6 - 1 / 99) / (98 / 99)) ** 0.5)
    plug_in = 0.3 * np.log2(1.5) + 0.1 * np.log2(0.5) + 0.2 * np.log2(2 / 3) + 0.4 * np.log2(4 / 3)
    # Miller-Madow: (2 + 2 - 4 - 1) / 200 nats
    assert mutual_information_bits(table) == pytest.approx(plug_in - 1 / (200 * np.log(2)))


def test_numbers_worked_by_hand() -> None:
    # means 2 and 5 about 3.5: 3 x 2.25 x 2 = 13.5 between; 2 and 2 within; MSW = 4 / 4
    found = moments([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    assert eta_squared(found) == pytest.approx(13.5 / 17.5)
    assert omega_squared(found) == pytest.approx((13.5 - 1) / (17.5 + 1))


@given(tables)
def test_phi_agrees_with_scipy(table: np.ndarray) -> None:
    expected = chi2_contingency(table, correction=False).statistic / table.sum()
    assert phi_squared(table) == pytest.approx(expected, abs=1e-9)


@given(st.lists(st.lists(st.floats(-5, 5), min_size=3, max_size=6), min_size=3, max_size=3))
def test_eta_agrees_with_the_f_test(groups: list[list[float]]) -> None:
    values = np.concatenate(groups)
    if min(np.ptp(own) for own in groups) < 0.1:
        return
    f = f_oneway(*groups).statistic
    between, within = 2, len(values) - 3
    assert eta_squared(moments(groups)) == pytest.approx(f * between / (f * between + within), abs=1e-8)


@given(tables)
def test_batches_are_the_same_tables_one_by_one(table: np.ndarray) -> None:
    batch = np.stack([table, table[::-1], 2 * table])
    for measure in (phi_squared, cramers_v, mutual_information_bits):
        assert measure(batch) == pytest.approx([float(measure(part)) for part in batch])


@given(st.lists(st.integers(1, 9), min_size=3, max_size=3), st.lists(st.integers(1, 9), min_size=4, max_size=4))
def test_independence_is_exactly_nothing(rows: list[int], columns: list[int]) -> None:
    table = np.outer(rows, columns).astype(float)
    assert phi_squared(table) == 0
    assert cramers_v(table) == 0
    assert mutual_information_bits(table) == 0


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=9), st.integers(1, 7), st.integers(1, 7))
def test_groups_of_the_same_values_are_exactly_nothing(values: list[float], first: int, second: int) -> None:
    if np.ptp(values) < 1e-3:
        return
    centred = [value - float(np.mean(values)) for value in values]
    found = moments([centred * first, centred * second])
    assert eta_squared(found) == 0
    assert omega_squared(found) == 0


def test_a_group_that_decides_is_all() -> None:
    table = np.diag([30.0, 30.0, 30.0])
    assert cramers_v(table) == pytest.approx(1)
    assert mutual_information_bits(table) == pytest.approx(np.log2(3), abs=0.03)
    assert eta_squared(moments([[1.0, 1.0], [3.0, 3.0]])) == pytest.approx(1)


def test_what_cannot_be_compared_is_not_a_number() -> None:
    for table in (np.array([[5.0, 7.0], [0.0, 0.0]]), np.array([[5.0, 0.0], [9.0, 0.0]])):
        assert np.isnan(phi_squared(table))
        assert np.isnan(cramers_v(table))
        assert np.isnan(mutual_information_bits(table))
    assert np.isnan(eta_squared(moments([[1.0, 2.0], []])))
    assert np.isnan(eta_squared(moments([[0.0, 0.0], [0.0]])))


def test_correction_takes_off_what_chance_adds() -> None:
    random = np.random.default_rng(7)
    drawn = random.multinomial(200, [1 / 12] * 12, size=2000).reshape(-1, 3, 4).astype(float)
    plain = np.sqrt(phi_squared(drawn) / 2)
    assert plain.mean() > 0.11
    assert np.median(cramers_v(drawn)) < 0.02
    # without its floor at 0 the corrected information would be 0 on average: half of the draws stand at the floor
    assert 0.4 < (mutual_information_bits(drawn) == 0).mean() < 0.65
