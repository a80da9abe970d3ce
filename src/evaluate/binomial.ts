/** Intervals of shares, and the two distributions that they need. */

/** A range of values; the confidence with which it was drawn up is stated once in the report. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The confidence level of every interval in a report. */
export const confidenceLevel = 0.95;
/** 97.5th percentile of the standard normal distribution. */
const normalQuantile = 1.959963984540054;

/** Interval of a share of `n` independent cases (Wilson, 1927); unlike the bootstrap it does not shrink to a point at 0 and 1. */
export function wilsonInterval(share: number, n: number): Interval {
  const z2 = normalQuantile ** 2;
  const centre = (share + z2 / (2 * n)) / (1 + z2 / n);
  const half = (normalQuantile / (1 + z2 / n)) * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/**
 * Mid-P interval of a share (Lancaster, 1961): that of Clopper and Pearson (1934) with the observed count taken for half. It holds its
 * level for two or three cases too, where Wilson's is too narrow at the far end.
 * @param n cases, which need not be a whole number: cases that err together count as fewer
 */
export function midPInterval(share: number, n: number): Interval {
  const hits = share * n;
  /** Probability of more hits than were seen, and half of that of as many, when the true share is `p`. */
  const above = (p: number): number => {
    const asMany = hits <= 0 ? 1 : incompleteBeta(hits, n - hits + 1, p);
    const more = hits >= n ? 0 : incompleteBeta(hits + 1, n - hits, p);
    return (asMany + more) / 2;
  };
  const tail = (1 - confidenceLevel) / 2;
  return { low: hits <= 0 ? 0 : solveRising(above, tail), high: hits >= n ? 1 : solveRising(above, 1 - tail) };
}

/** How probable it is that of `n` independent cases no larger share is a hit, when each is one with probability `probability`. */
export function chanceOfAtMost(share: number, n: number, probability: number): number {
  return share >= 1 ? 1 : 1 - incompleteBeta(share * n + 1, n - share * n, probability);
}

/** Where a function that rises from 0 to 1 over 0..1 has a value. */
function solveRising(rising: (p: number) => number, value: number): number {
  let [low, high] = [0, 1];
  // 50 halvings leave less than 1e-15.
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (rising(middle) < value) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The regularised incomplete beta function I_x(a, b), by Lentz's continued fraction (DLMF 8.17.22); for a, b > 0. */
export function incompleteBeta(a: number, b: number, x: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  // The fraction converges fast on this side of the mean; the other side is its mirror image.
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(a, b, x)) / a : 1 - (front * betaFraction(b, a, 1 - x)) / b;
}

function betaFraction(a: number, b: number, x: number): number {
  const nonzero = (value: number): number => (Math.abs(value) < 1e-300 ? 1e-300 : value);
  let c = 1;
  let d = 1 / nonzero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 10_000; m++) {
    for (const term of [
      (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)),
      (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)),
    ]) {
      d = 1 / nonzero(1 + term * d);
      c = nonzero(1 + term / c);
      fraction *= c * d;
    }
    if (Math.abs(c * d - 1) < 1e-14) break;
  }
  return fraction;
}

/** Lanczos' approximation with g = 7 and 9 terms (Godfrey's coefficients); relative error below 1e-14 for x > 0. */
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const [first, ...rest] = lanczos;
  const sum = rest.reduce<number>((total, coefficient, index) => total + coefficient / (x + index), first);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/** 97.5th percentile of Student's t: exact for 1 and 2 degrees of freedom, then by the series of Abramowitz and Stegun (26.7.5). */
export function studentQuantile(degreesOfFreedom: number): number {
  if (degreesOfFreedom < 1.5) return 12.706204736174698;
  if (degreesOfFreedom < 2.5) return 4.302652729749464;
  const z = normalQuantile;
  const v = degreesOfFreedom;
  const terms = [
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92_160,
  ];
  return terms.reduce((sum, term, index) => sum + term / v ** (index + 1), z);
}
