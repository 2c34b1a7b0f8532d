#!/bin/sh
# Makes the folder of one release: what its headers promise, its module and its host, each packed, and checksums.
#
#   tests/abi/released/make.sh 1.0 29b2839            everything, from a commit (a Release build: some minutes)
#   tests/abi/released/make.sh --headers 1.1          only what today's headers promise, while 1.1 is in the making
#
# A folder that was released is never made anew: it is what hosts and plugins out there were built from.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)

usage() { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }

checksums() { (cd "$1" && rm -f SHA256SUMS && sha256sum $(ls | grep -v -e README.md -e SHA256SUMS) > SHA256SUMS); }

[ $# -eq 2 ] || usage
if [ "$1" = --headers ]; then
  folder=$here/$2
  python3 "$here/../description.py" "$root/plugin_api/include" "$folder"
  checksums "$folder"
  exit 0
fi

version=$1 folder=$here/$1
if [ -e "$folder/COMMIT" ]; then
  echo "$version is released; its folder stays as it is" >&2
  exit 1
fi
commit=$(git -C "$root" rev-parse --verify "$2^{commit}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git -C "$root" archive "$commit" | tar -x -C "$work"
grep -q "AGENT_ABI_MINOR ${version#*.}u" "$work/plugin_api/include/agent_plugin/abi.h" ||
  { echo "$2 does not have the ABI $version" >&2; exit 1; }

cmake -S "$work" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_C_COMPILER_LAUNCHER="${LAUNCHER:-}" -DCMAKE_CXX_COMPILER_LAUNCHER="${LAUNCHER:-}"
cmake --build "$work/build" --parallel "${JOBS:-2}" --target kafka_events host_stub sample_c

mkdir -p "$folder" "$work/stripped"
python3 "$here/../description.py" "$work/plugin_api/include" "$folder"
for file in bin/host_stub lib/agent-plugins/kafka_events.so lib/agent-plugins/sample_c.so; do
  name=$(basename "$file")
  strip "$work/build/$file" -o "$work/stripped/$name"
  xz -9e -c "$work/stripped/$name" > "$folder/$name.xz"
done
python3 "$here/../description.py" --module "$work/stripped/kafka_events.so" "$folder/kafka_events.abi"
echo "$commit" > "$folder/COMMIT"
checksums "$folder"

short=$(git -C "$root" rev-parse --short "$commit")
cat > "$folder/README.md" <<EOF
# What was released as plugin ABI $version

Made once, never edited (\`SHA256SUMS\`; the gate checks it), by

\`\`\`sh
tests/abi/released/make.sh $version $short      # $(cc --version | head -1), $(abidw --version)
\`\`\`

| file | what |
| --- | --- |
| \`agent_plugin.abi\` | every struct and function of the headers (abidw) |
| \`constants.txt\` | every constant, id and status of the headers, with its value |
| \`kafka_events.abi\` | what the module exports (abidw) |
| \`kafka_events.so.xz\`, \`sample_c.so.xz\`, \`host_stub.xz\` | the modules and the host of that commit: Release, stripped, packed |
| \`COMMIT\` | the commit |

\`tests/abi/gate.py\` holds today's headers against the descriptions; \`tests/abi/compatibility.py\` runs these modules in today's
host and today's modules in this host. What the versions have: \`docs/abi.md\`.
EOF
