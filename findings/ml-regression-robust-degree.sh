#!/usr/bin/env bash
# ml-regression's robust polynomial has one degree less than it is asked for: degree 2 is a straight line, another one each time, degree 1 a constant.
#
# npm ml-regression 6.3.0 (ml-regression-robust-polynomial 3.0.2), Node 24. PolynomialRegression and RobustPolynomialRegression take x, y and the degree, "polynomial degree" by the documentation. A guess:
# both are of that degree, and the robust one leaves outliers out. It takes the number for that of coefficients, from the constant on. A parabola of
# eight points without an outlier is then fitted by a line through two of them that were drawn by chance, and `degree` still says 2.
# Seen, y = x^2 for 0 to 7, what is told for 8 (64):
#   PolynomialRegression, 2: 64      RobustPolynomialRegression, 2: two coefficients, 22 to 60, by chance    3: three, 64    1: one, a constant
#   with 400 instead of 49 at 7: PolynomialRegression, 2: far off; RobustPolynomialRegression, 3: 64
# Way out: one degree more.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ml-regression@6.3.0 > /dev/null
cat > run.cjs <<'JS'
const { PolynomialRegression, RobustPolynomialRegression } = require("ml-regression");
const x = [0, 1, 2, 3, 4, 5, 6, 7];
const squares = x.map((n) => n * n);
const outlier = [...squares.slice(0, 7), 400];
const fit = (values, degree) => {
  const model = new RobustPolynomialRegression(x, values, degree);
  return { degree: model.degree, coefficients: model.coefficients.length, of8: Number(model.predict(8).toFixed(3)) };
};
const plain = [squares, outlier].map((values) => Number(new PolynomialRegression(x, values, 2).predict(8).toFixed(3)));
const lines = Array.from({ length: 30 }, () => fit(squares, 2));
const seen = { plain, one: fit(squares, 1), two: lines[0], three: fit(squares, 3), outlier: fit(outlier, 3) };
console.log(seen, "degree 2, 30 times:", [...new Set(lines.map(({ of8 }) => of8))].join(" "));
const isAsSeen = plain[0] === 64 && plain[1] > 300 && seen.one.coefficients === 1 && seen.three.of8 === 64 && seen.outlier.of8 === 64 &&
  lines.every(({ degree, coefficients, of8 }) => degree === 2 && coefficients === 2 && of8 < 64) && new Set(lines.map(({ of8 }) => of8)).size > 1;
if (!isAsSeen) throw new Error("this has changed");
JS
node run.cjs
