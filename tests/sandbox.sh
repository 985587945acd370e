# Sourced by the tests that other people's programs make: a sandbox of their own at $url, and Python at $venv.

room="$(mktemp -d)"
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$room"' EXIT

python_with() { # folder, packages
  venv="${TAGTRAIL_VENV:-target/$1}"
  shift
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
  "$venv/bin/pip" --quiet --disable-pip-version-check install "$@"
}

serve() { # arguments of `tagtrail serve`
  "${TAGTRAIL:-target/release/tagtrail}" serve --memory --listen 127.0.0.1:0 "$@" >"$room/said" 2>"$room/errors" &
  server=$!
  for _ in $(seq 100); do
    url="$(grep -om1 'http://127.0.0.1:[0-9]*' "$room/said" "$room/errors" -h || true)"
    [ -n "$url" ] && return
    sleep 0.1
  done
  echo "the sandbox does not start: $(cat "$room/errors")" >&2
  exit 1
}
