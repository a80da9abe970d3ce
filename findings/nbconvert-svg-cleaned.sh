#!/usr/bin/env bash
# Debian 12's nbconvert (python3-nbconvert 6.5.3-3) shows nothing of an output that is an SVG: `--to html` cleans it with a list of allowed
# elements on which none of SVG's stands, also where cleaning is switched off (it is by default). Left are <svg> and the texts inside,
# without an error or a warning. The same SVG inside text/html, or as a data URL in text/markdown, is shown.
#
# Seen: the page has the text "label" and neither <rect> nor <path>; with text/html it has both.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
expected="6.5.3-3"
installed="$(dpkg-query -W -f '${Version}' python3-nbconvert 2> /dev/null || true)"
if [ -z "$installed" ]; then
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "python3-nbconvert=$expected" "jupyter-nbconvert=$expected" > /dev/null
  installed="$expected"
fi
export HOME="$work" JUPYTER_CONFIG_DIR="$work/config" JUPYTER_DATA_DIR="$work/data"

svg='<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"90\" height=\"40\"><rect width=\"90\" height=\"40\" fill=\"red\"/><path d=\"M0 0L90 40\" stroke=\"black\"/><text x=\"5\" y=\"20\">label</text></svg>'
notebook() { # notebook FILE MEDIA-TYPE
  printf '{"cells":[{"cell_type":"code","id":"a","execution_count":1,"metadata":{},"source":"1","outputs":[{"output_type":"display_data","metadata":{},"data":{"%s":"%s"}}]}],"metadata":{},"nbformat":4,"nbformat_minor":5}' "$2" "$svg" > "$1.ipynb"
  jupyter nbconvert --to html "$1.ipynb" > /dev/null 2>&1
}
notebook svg image/svg+xml
notebook html text/html
drawn() { grep -c -E '<rect width="90"|<path d="M0 0L90' "$1.html" || true; }
echo "python3-nbconvert $installed: image/svg+xml: $(drawn svg) drawn, text/html: $(drawn html) drawn"
grep -q 'label' svg.html
[ "$installed" = "$expected" ] && [ "$(drawn svg)" = 0 ] && [ "$(drawn html)" -gt 0 ]
