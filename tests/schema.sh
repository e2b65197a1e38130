#!/bin/sh
# The schema and the manual of site.yaml say what the table of keys says.
cd "$(dirname "$0")/.." || exit 2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
status=0
scripts/schema.sh "$dir" || exit 1
for file in schemas/site.schema.json doc/site.yaml.5; do
	if diff -u "$file" "$dir/$file"; then
		echo "ok - $file is what the table of keys says"
	else
		echo "not ok - $file differs from the table of keys: make schema"
		status=1
	fi
done
exit $status
