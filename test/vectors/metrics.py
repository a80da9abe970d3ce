"""Writes metrics.json: what scikit-learn and SciPy say of 2,400 small random splits and 600 distributions, for src/evaluate.

Run with Debian's python3-sklearn: /usr/bin/python3 test/vectors/metrics.py > test/vectors/metrics.json

The splits themselves are drawn by a generator that the test has too, so that the file holds answers alone. They are small, since what
goes wrong goes wrong there: ties, classes without faces or answers, weights of 0, a single face.
"""

import json
import sys
import warnings

import numpy as np
from scipy import special, stats
from sklearn import metrics

warnings.filterwarnings("ignore")


class Draw:
    """Numerical Recipes' linear congruential generator; the upper bits of each state."""

    def __init__(self, seed):
        self.state = seed & 0xFFFFFFFF

    def integer(self, bound):
        self.state = (self.state * 1664525 + 1013904223) & 0xFFFFFFFF
        return (self.state >> 8) % bound


def split(seed):
    draw = Draw(seed)
    n = 1 + draw.integer(30 if seed % 5 == 0 else 10)
    allowed = 1 + draw.integer(7)
    truth, logits, weights = [], [], []
    for _ in range(n):
        truth.append(draw.integer(allowed))
        # Whole numbers of a narrow range: ties are common.
        logits.append([draw.integer(5) for _ in range(7)])
        weights.append(draw.integer(4))
    return np.array(truth), np.array(logits, dtype=float), np.array(weights, dtype=float)


def classification(truth, logits, weights):
    if weights.sum() == 0:
        return None
    p = special.softmax(logits, axis=1)
    predicted = p.argmax(axis=1)
    confidence = p.max(axis=1)
    kept = weights > 0
    named = sorted(set(truth[kept]) | set(predicted[kept]))
    recall = metrics.recall_score(truth, predicted, labels=sorted(set(truth[kept])), average="macro", sample_weight=weights, zero_division=0)
    edges = np.linspace(0, 1, 16)
    which = np.digitize(confidence, edges, right=True) - 1
    gap = weights * (confidence - (predicted == truth))
    return [
        metrics.accuracy_score(truth, predicted, sample_weight=weights),
        recall,
        metrics.f1_score(truth, predicted, labels=named, average="macro", sample_weight=weights, zero_division=0),
        metrics.log_loss(truth, p, sample_weight=weights, labels=range(7)),
        float(np.average(((p - np.eye(7)[truth]) ** 2).sum(axis=1), weights=weights)),
        float(sum(abs(gap[which == k].sum()) for k in range(15)) / weights.sum()),
    ]


def mid_p(hits, n, level=0.95):
    tail = (1 - level) / 2

    def solve(value):
        low, high = 0.0, 1.0
        for _ in range(200):
            middle = (low + high) / 2
            above = stats.binom.sf(hits, n, middle) + stats.binom.pmf(hits, n, middle) / 2
            low, high = (middle, high) if above < value else (low, middle)
        return low

    return [0.0 if hits == 0 else solve(tail), 1.0 if hits == n else solve(1 - tail)]


def digits(value, places=12):
    return None if value is None else [float(f"{x:.{places}g}") for x in value]


draw = Draw(7)
shares = []
for _ in range(300):
    n = 1 + draw.integer(3 + draw.integer(400))
    hits = draw.integer(n + 1)
    shares.append([hits, n, *digits(mid_p(hits, n)), *digits([stats.binom.cdf(hits, n, 0.8)])])
beta = []
for _ in range(300):
    a, b, x = (1 + draw.integer(4000)) / 16, (1 + draw.integer(4000)) / 16, draw.integer(1001) / 1000
    beta.append([a, b, x, *digits([special.betainc(a, b, x)])])

json.dump(
    {
        "madeWith": f"scikit-learn {__import__('sklearn').__version__}, SciPy {__import__('scipy').__version__}",
        "metrics": ["accuracy", "balancedAccuracy", "macroF1", "negativeLogLikelihood", "brierScore", "expectedCalibrationError"],
        "splits": [
            {
                "unweighted": digits(classification(t, l, np.ones(len(t))), 10),
                "weighted": digits(classification(t, l, w), 10),
            }
            for t, l, w in (split(seed) for seed in range(1, 2401))
        ],
        "shares": shares,
        "incompleteBeta": beta,
        "student": [[df, *digits([stats.t.ppf(0.975, df)])] for df in list(range(1, 61)) + [100, 1000, 100000]],
    },
    sys.stdout,
    separators=(",", ":"),
)
sys.stdout.write("\n")
