"""Writes golden.json: Student's t, intervals, paired tests, Holm's correction and the median rule, by SciPy and NumPy.

    /usr/bin/python3 test/golden/studies/make.py
"""

import json
import pathlib

import numpy as np
from scipy import stats

HERE = pathlib.Path(__file__).parent
random = np.random.default_rng(20260608)


def interval(values):
    low, high = stats.t.interval(0.95, len(values) - 1, loc=np.mean(values), scale=stats.sem(values))
    return {"low": float(low), "high": float(high)}


def pair(count, shift, noise):
    common = random.normal(0.9, 0.02, count)
    first = common + shift + random.normal(0, noise, count)
    second = common + random.normal(0, noise, count)
    test = stats.ttest_rel(first, second)
    difference = first - second
    return {
        "first": first.tolist(),
        "second": second.tolist(),
        "mean": float(difference.mean()),
        "spread": float(difference.std(ddof=1)),
        "interval": interval(difference),
        "p": float(test.pvalue),
    }


def holm(ps):
    """Holm (1979) by its definition: the adjusted p of rank i is the maximum over j <= i of (m - j) p_j."""
    ps = np.asarray(ps)
    order = np.argsort(ps)
    m = len(ps)
    adjusted = np.empty(m)
    for rank, index in enumerate(order):
        adjusted[index] = min(1.0, max((m - j) * ps[order[j]] for j in range(rank + 1)))
    return adjusted.tolist()


def median_stop(curves, own, direction, min_epochs, min_runs):
    sign = 1 if direction == "maximize" else -1
    for epoch in range(min_epochs, len(own) + 1):
        others = [sign * np.mean(c[:epoch]) for c in curves if len(c) >= epoch]
        if len(others) >= min_runs and np.max(sign * np.asarray(own[:epoch])) < np.median(others):
            return epoch
    return None


def median_case(direction):
    t = np.arange(1, 13)
    curves = [(a * (1 - np.exp(-t / 4)) + 0.01 * random.standard_normal(12)).tolist() for a in (0.9, 0.8, 0.7, 0.6, 0.95)]
    curves[4] = curves[4][:6]
    owns = [(a * (1 - np.exp(-t / 4)) + 0.02 * random.standard_normal(12)).tolist() for a in (0.05, 0.3, 0.5, 0.62, 0.9)]
    if direction == "minimize":
        curves = [(1 - np.asarray(c)).tolist() for c in curves]
        owns = [(1 - np.asarray(c)).tolist() for c in owns]
    return {
        "direction": direction,
        "minEpochs": 3,
        "minRuns": 4,
        "others": curves,
        "runs": [{"own": own, "epoch": median_stop(curves, own, direction, 3, 4)} for own in owns],
    }


ps = [0.001, 0.04, 0.03, 0.2, 0.012, 0.9, 0.0004]
samples = [random.normal(0.9, 0.01, n).tolist() for n in (2, 3, 5, 20)]
golden = {
    "quantiles": [
        {"degrees": d, "confidence": c, "t": float(stats.t.ppf((1 + c) / 2, d))}
        for d in (1, 2, 4, 9, 29, 199)
        for c in (0.5, 0.95, 0.999)
    ],
    "tails": [
        {"degrees": d, "t": t, "p": float(2 * stats.t.sf(t, d))}
        for d in (1, 2, 3, 10, 100)
        for t in (0.0, 0.1, 1.0, 2.5, 12.0, 80.0)
    ],
    "summaries": [
        {"values": v, "mean": float(np.mean(v)), "spread": float(np.std(v, ddof=1)), "interval": interval(v)}
        for v in samples
    ],
    "pairs": [pair(3, 0.01, 0.002), pair(3, 0.0, 0.004), pair(5, 0.004, 0.003), pair(12, 0.001, 0.003)],
    "holm": {"ps": ps, "adjusted": holm(ps)},
    "median": [median_case("maximize"), median_case("minimize")],
}
(HERE / "golden.json").write_text(json.dumps(golden) + "\n")
