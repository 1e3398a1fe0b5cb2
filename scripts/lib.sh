# shellcheck shell=bash
# Sourced by the scripts beside it: where the repository is, and how a script speaks.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit

say() { printf '%s\n' "· $*"; }
warn() { printf '%s\n' "! $*" >&2; }
die() {
    warn "$@"
    exit 1
}

# Everything that git tracks or would track, NUL-separated; a file deleted but still in the index is left out.
tracked() {
    git ls-files -z --cached --others --exclude-standard |
        while IFS= read -r -d '' file; do
            [ -e "$file" ] && printf '%s\0' "$file"
        done
    return 0
}
