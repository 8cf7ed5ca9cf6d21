#!/usr/bin/env bash
# Install what running (runtime) or testing (dev) needs, and say in words what cannot be installed.
set -euo pipefail
what=$1 python=${2:-}

say() { printf '%s\n' "$*" >&2; }

apt_may() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; }

apt_get() {
  if apt_may; then
    say "apt: $*"
    apt-get update -qq >/dev/null 2>&1 || true
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1
  else
    return 1
  fi
}

fits() { # a name on the PATH may be a shim that runs nothing: ask it
  "$1" -c 'import platform, sys; sys.exit(not ((3, 11) <= sys.version_info[:2] <= (3, 12) and platform.machine() in ("x86_64", "AMD64")))' 2>/dev/null
}
find_python() { for p in $python python3.12 python3.11 python3; do if fits "$p"; then command -v "$p"; return; fi; done; }

found=$(find_python)
if [ -z "$found" ]; then
  apt_get python3 python3-venv || true
  found=$(find_python)
fi
if [ -z "$found" ]; then
  say "需要 x86-64 上的 Python 3.11 或 3.12：apt install python3 python3-venv，或以 PYTHON=路径 指明 / Python 3.11 or 3.12 on x86-64 is needed"
  exit 1
fi
python=$found

if [ ! -x .venv/bin/python ]; then
  if ! "$python" -m venv .venv 2>/dev/null; then
    rm -rf .venv
    apt_get python3-venv || { say "缺少 python3-venv，请运行：sudo apt install python3-venv / python3-venv is missing"; exit 1; }
    "$python" -m venv .venv
  fi
fi
pip() { .venv/bin/python -m pip --disable-pip-version-check "$@"; }

if [ "$what" = runtime ]; then
  say "安装运行所需的包（首次约 1–3 分钟）/ installing pinned packages"
  pip install --progress-bar on -q -r requirements.txt
  touch .venv/.runtime
  exit 0
fi

pip install -q -r requirements-dev.txt
is_ubuntu() { grep -qi ubuntu /etc/os-release 2>/dev/null; }
has() { command -v "$1" >/dev/null 2>&1; }
need=()
# The headless shell is much the quicker browser for tests; where there is none, the whole one does as well.
if ! has chromium-headless-shell && ! is_ubuntu; then
  apt_get chromium-headless-shell || has chromium || need+=(chromium)
fi
fc-list 2>/dev/null | grep -qi 'cjk\|source han\|wenquanyi' || need+=(fonts-noto-cjk fontconfig)
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || need+=(postgresql)
if is_ubuntu && ! has chromium; then
  # Ubuntu's chromium is a snap, which cannot be driven here; the browser tests say so and are counted as skipped.
  say "Ubuntu：浏览器测试需要 Chrome 或 Chromium 的 deb 包，并以 CHROMIUM=路径 指明 / set CHROMIUM=/path for browser tests"
fi
if [ ${#need[@]} -gt 0 ]; then
  apt_get "${need[@]}" || say "未能安装：${need[*]}；相关测试将跳过并计数 / not installed, those tests are skipped and counted"
fi
touch .venv/.dev
