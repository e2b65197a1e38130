#!/bin/sh
# schema.sh FOLDER: write what the program's table of keys says to FOLDER/schemas/site.schema.json and FOLDER/doc/site.yaml.5.
set -eu
cd "$(dirname "$0")/.."
timetier=${BUILD:-build}/bin/timetier
mkdir -p "$1/schemas" "$1/doc"
"$timetier" schema >"$1/schemas/site.schema.json.new"
{
	sed '/^\.\\" keys begin/q' doc/site.yaml.5
	"$timetier" schema --man
	sed -n '/^\.\\" keys end/,$p' doc/site.yaml.5
} >"$1/doc/site.yaml.5.new"
mv "$1/schemas/site.schema.json.new" "$1/schemas/site.schema.json"
mv "$1/doc/site.yaml.5.new" "$1/doc/site.yaml.5"
