#!/usr/bin/env bash
# Parcel 2.16.4 with zod 4.6.7: a production build of two lines succeeds without a word, and its bundle dies when it is run.
#
# The program is `import { z } from "zod"` and one schema. Guess: a bundle that builds runs. Seen: a ReferenceError at the top of the
# bundle, "$...$exports is not defined"; and without scope hoisting "z.number is not a function", since the module that holds all of
# zod stands in the bundle as `false`. zod gives its whole namespace out under a name (`import * as z`, `export { z }`) and says that
# its files have no side effects; Parcel takes the file behind the namespace for unused and leaves it out.
# A library for browsers that is to be bundled by everybody can take zod into its own file beforehand.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true,"@parcel/resolver-default":{"packageExports":true}}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts parcel@2.16.4 zod@4.6.7
cat > page.js <<'JS'
import { z } from "zod";
console.log(z.object({ a: z.number() }).safeParse({ a: 1 }).success);
JS
printf '<!doctype html><script type="module" src="./page.js"></script>' > index.html
build() {
  rm -rf dist
  npx parcel build index.html --no-cache --no-source-maps "$@" > build.log 2>&1
  cat dist/*.js > bundle.mjs
  { node bundle.mjs 2>&1 || true; } | grep -oE '^(true|ReferenceError: .*|TypeError: .*)$'
}
hoisted="$(build)"
plain="$(build --no-scope-hoist)"
printf 'with scope hoisting: %s\nwithout:             %s\n' "$hoisted" "$plain"
grep -q 'exports is not defined' <<< "$hoisted"
grep -q 'z.number is not a function' <<< "$plain"
