# Shared by scripts/demo and scripts/test: messages, the clock, building. Sourced with `prog` set;
# the working directory becomes the root of the tree.

cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
readonly started=$SECONDS

bold='' dim='' red='' plain=''
if [[ -t 1 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
  bold=$'\033[1m' dim=$'\033[2m' red=$'\033[1;31m' plain=$'\033[0m'
fi

say() { printf '%s: %s\n' "$prog" "$*"; }
die() {
  printf '%s%s: error: %s%s\n' "$red" "$prog" "$*" "$plain" >&2
  exit 1
}

# 75 → "1 min 15 s"
duration() {
  if (($1 < 60)); then printf '%d s' "$1"; else printf '%d min %02d s' $(($1 / 60)) $(($1 % 60)); fi
}

# What both build in build/release. Two dozen files at a time compile in half the time of each alone.
readonly release=(build/release -Dbuildtype=release -Doptimization=2 -Dunity=on -Dunity_size=24)

# configure DIR OPTION...: sets a build directory up, or adjusts one that is there.
configure() {
  local dir=$1 log verb=(setup) status=0
  shift
  if [[ -f $dir/build.ninja ]]; then
    # "meson configure" is quick, but does not know an option that is newer than the directory.
    meson configure "$dir" "$@" >/dev/null 2>&1 && return
    verb=(setup --reconfigure)
  fi
  log=$(mktemp -t spate-meson.XXXXXX)
  meson "${verb[@]}" "$dir" "$@" >"$log" 2>&1 || {
    status=1
    cat "$log" >&2
    say "meson could not set up $dir (remove it to start afresh)" >&2
  }
  rm -f "$log"
  return $status
}

# compile DIR [TARGET...]: a line of progress on a terminal, silence elsewhere unless it fails.
# The status is ninja's.
compile() {
  local dir=$1 quiet=(--quiet)
  shift
  [[ ! -t 1 ]] || quiet=()
  ninja -C "$dir" "${quiet[@]}" "$@"
}
