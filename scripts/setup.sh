#!/bin/sh
# Sets up everything on a fresh machine that has only Python 3.11 or newer, and says what it does.
#   scripts/setup.sh run    what `make demo` needs
#   scripts/setup.sh dev    that and what the tests and checks need
# Does nothing when nothing has changed since the last time.
set -eu
cd "$(dirname "$0")/.."
kind="${1:-dev}"
venv=.venv

say() { printf 'setup: %s\n' "$*"; }

python_of_this_machine() {
  for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if command -v "$name" >/dev/null 2>&1 &&
      "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$name"
      return
    fi
  done
  say "Python 3.11 or newer is needed and none was found: install one, or name it with PYTHON=/path/to/python" >&2
  exit 1
}

make_venv() {
  python="$(python_of_this_machine)"
  say "making a virtual environment with $("$python" --version)"
  rm -rf "$venv"
  if ! "$python" -m venv "$venv" 2>/dev/null; then
    # Debian keeps venv in a package of its own.
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
      say "this Python has no venv: installing Debian's python3-venv"
      apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null
      "$python" -m venv "$venv"
    else
      say "this Python cannot make virtual environments: install its venv package (Debian: python3-venv)" >&2
      exit 1
    fi
  fi
}

fingerprint="$(cat requirements/*.lock pyproject.toml | cksum | tr -d ' \n')"
stamp="$venv/.setup-$kind-$fingerprint"
[ -e "$venv/.setup-dev-$fingerprint" ] && stamp="$venv/.setup-dev-$fingerprint" # dev holds all of run
if [ ! -e "$stamp" ]; then
  "$venv/bin/python" -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || make_venv
  rm -f "$venv"/.setup-* # whatever stood for the packages of before, also when this is cut off half-way
  say "installing the locked dependencies ($kind)"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/setup.lock
  "$venv/bin/uv" pip install --quiet --python "$venv/bin/python" --require-hashes -r "requirements/$kind.lock"
  "$venv/bin/uv" pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation --editable .
  touch "$stamp"
fi
"$venv/bin/python" scripts/setup_browser.py
