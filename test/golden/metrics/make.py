"""Writes golden.json: smoothing, seed statistics and column extremes of chart data, in NumPy float64.

Each number is computed in another way than the product computes it: the smoothed values as explicit weighted sums over
all earlier points, the statistics with numpy.interp and ndarray.std, the extremes with a mask per column.

    python3 test/golden/metrics/make.py
"""

import json
import pathlib

import numpy as np

HERE = pathlib.Path(__file__).parent
random = np.random.default_rng(20260607)


def debiased_average(values, factor):
    """out[t] = sum_i factor^(n_t - n_i) x_i / sum_i factor^(n_t - n_i) over the finite x_i up to t."""
    out = []
    finite = []
    for value in values:
        if not np.isfinite(value):
            out.append(None)
            continue
        finite.append(value)
        weights = factor ** np.arange(len(finite) - 1, -1, -1.0)
        out.append(float(np.dot(weights, finite) / weights.sum()))
    return out


def smoothing_case(factor):
    values = np.exp(-np.arange(60) / 20) + 0.1 * random.standard_normal(60)
    values[[0, 17, 18]] = np.nan
    return {
        "factor": factor,
        "values": [None if np.isnan(v) else float(v) for v in values],
        "smoothed": debiased_average(values, factor),
    }


def seed_case():
    curves = []
    for start, every, count in [(0, 1, 12), (2, 2, 8), (1, 3, 5)]:
        xs = start + every * np.arange(count)
        curves.append((xs.astype(float), random.standard_normal(count) + 3))
    common = np.unique(np.concatenate([xs for xs, _ in curves]))
    sampled = np.array([np.interp(common, xs, ys, left=np.nan, right=np.nan) for xs, ys in curves])
    counts = np.isfinite(sampled).sum(axis=0)
    deviations = [
        float(column[np.isfinite(column)].std(ddof=1)) if np.isfinite(column).sum() > 1 else 0.0
        for column in sampled.T
    ]
    return {
        "curves": [{"xs": xs.tolist(), "ys": ys.tolist()} for xs, ys in curves],
        "xs": common.tolist(),
        "means": np.nanmean(sampled, axis=0).tolist(),
        "deviations": deviations,
        "minimums": np.nanmin(sampled, axis=0).tolist(),
        "maximums": np.nanmax(sampled, axis=0).tolist(),
        "counts": counts.tolist(),
    }


def column_case(is_log):
    count, columns = 2000, 25
    xs = np.arange(1, count + 1, dtype=float)
    ys = np.sin(xs / 90) + 0.3 * random.standard_normal(count)
    place = np.log10(xs) if is_log else xs
    column = np.minimum(np.floor((place - place[0]) / (place[-1] - place[0]) * columns), columns).astype(int)
    occupied = np.unique(column)
    return {
        "isLog": is_log,
        "columns": columns,
        "ys": ys.tolist(),
        "minimums": [float(ys[column == c].min()) for c in occupied],
        "maximums": [float(ys[column == c].max()) for c in occupied],
    }


golden = {
    "smoothing": [smoothing_case(factor) for factor in (0.0, 0.6, 0.99)],
    "seeds": seed_case(),
    "columns": [column_case(False), column_case(True)],
}
(HERE / "golden.json").write_text(json.dumps(golden) + "\n")
