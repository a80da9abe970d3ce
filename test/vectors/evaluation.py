"""Writes evaluation.json: what scikit-learn and SciPy say of seeded predictions, for the tests of src/evaluate.

Run with Debian's python3-sklearn: python3 test/vectors/evaluation.py > test/vectors/evaluation.json
"""

import json
import sys

import numpy as np
from scipy import optimize, special, stats
from sklearn import metrics

random = np.random.RandomState(20261124)
n, classes, bins = 150, 7, 15

truth = random.choice(classes, n, p=[0.14, 0.02, 0.14, 0.25, 0.17, 0.11, 0.17])
logits = random.normal(0, 1.3, (n, classes))
logits[np.arange(n), truth] += 1.5
logits = np.round(logits, 3)
weights = random.randint(0, 4, n)


def classification(weight):
    p = special.softmax(logits, axis=1)
    predicted = p.argmax(axis=1)
    confidence = p.max(axis=1)
    correct = predicted == truth
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        truth, predicted, labels=range(classes), sample_weight=weight, zero_division=0
    )
    edges = np.linspace(0, 1, bins + 1)
    which = np.digitize(confidence, edges, right=True) - 1
    error = sum(
        abs((weight * (confidence - correct))[which == k].sum()) for k in range(bins)
    ) / weight.sum()
    return {
        "accuracy": metrics.accuracy_score(truth, predicted, sample_weight=weight),
        "balancedAccuracy": metrics.balanced_accuracy_score(truth, predicted, sample_weight=weight),
        "macroF1": metrics.f1_score(truth, predicted, average="macro", sample_weight=weight),
        "negativeLogLikelihood": metrics.log_loss(truth, p, sample_weight=weight, labels=range(classes)),
        "brierScore": float(np.average(((p - np.eye(classes)[truth]) ** 2).sum(axis=1), weights=weight)),
        "expectedCalibrationError": float(error),
        "confusionMatrix": metrics.confusion_matrix(truth, predicted, sample_weight=weight).tolist(),
        "precision": precision.tolist(),
        "recall": recall.tolist(),
        "f1": f1.tolist(),
    }


def adaptive():
    p = special.softmax(logits, axis=1)
    confidence, correct = p.max(axis=1), p.argmax(axis=1) == truth
    parts = np.array_split(np.argsort(confidence, kind="stable"), bins)
    return float(sum(abs((confidence - correct)[part].sum()) for part in parts) / n)


def temperature():
    loss = lambda t: metrics.log_loss(truth, special.softmax(logits / t, axis=1), labels=range(classes))
    return optimize.minimize_scalar(loss, bounds=(0.05, 20), method="bounded", options={"xatol": 1e-9}).x


def vector_scaling(ridge=1e-6):
    start = np.concatenate([np.ones(classes), np.zeros(classes)])

    def loss(point):
        p = special.log_softmax(logits * point[:classes] + point[classes:], axis=1)
        return -p[np.arange(n), truth].mean() + ridge / 2 * ((point - start) ** 2).sum()

    found = optimize.minimize(loss, start, method="BFGS", options={"gtol": 1e-8, "maxiter": 5000})
    return {"loss": found.fun, "scale": found.x[:classes].tolist()}


ages = random.randint(0, 101, 80)
means = np.round(np.clip(ages + random.normal(0, 7, 80), 0, 100), 2)
spreads = np.round(random.uniform(2, 9, 80), 2)
years = np.arange(101)
distributions = np.exp(-((years - means[:, None]) ** 2) / (2 * spreads[:, None] ** 2))
distributions /= distributions.sum(axis=1, keepdims=True)
expected = distributions @ years
# The mid-distribution function: what lies before a year, and half of the year.
from_young = distributions.cumsum(axis=1) - distributions / 2
from_old = distributions[:, ::-1].cumsum(axis=1) - distributions[:, ::-1] / 2
low = (from_young > 0.1).argmax(axis=1)
high = 100 - (from_old > 0.1).argmax(axis=1)
decades = np.minimum(years // 10, 7)  # FairFace: 0-2, 3-9, then decades up to 70+
groups = np.where(years < 3, 0, np.where(years < 10, 1, decades + 1))
mass = np.stack([distributions[:, groups == g].sum(axis=1) for g in range(9)], axis=1)

json.dump(
    {
        "logits": logits.tolist(),
        "truth": truth.tolist(),
        "weights": weights.tolist(),
        "unweighted": {**classification(np.ones(n)), "adaptiveCalibrationError": adaptive()},
        "weighted": classification(weights),
        "temperature": temperature(),
        "vectorScaling": vector_scaling(),
        "age": {
            "truth": ages.tolist(),
            "means": means.tolist(),
            "spreads": spreads.tolist(),
            "meanAbsoluteError": metrics.mean_absolute_error(ages, expected),
            "meanError": float((expected - ages).mean()),
            "cumulativeScore5": float((abs(expected - ages) <= 5).mean()),
            "intervalCoverage": float(((low <= ages) & (ages <= high)).mean()),
            "meanIntervalWidth": float((high - low + 1).mean()),
            "accuracy": metrics.accuracy_score(groups[ages], mass.argmax(axis=1)),
            "oneOffAccuracy": float((abs(groups[ages] - mass.argmax(axis=1)) <= 1).mean()),
        },
        "wilson": [
            {"hits": k, "n": m, **dict(zip(("low", "high"), stats.binomtest(k, m).proportion_ci(method="wilson")))}
            for k, m in ((0, 5), (9, 9), (30, 40))
        ],
    },
    sys.stdout,
)
