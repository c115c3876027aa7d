#!/usr/bin/env bash
# Installs the release VERSION from RELEASES, an address. What was downloaded is held against the release's
# SHA256SUMS before anything of it is unpacked.
set -euo pipefail

case "$RUNNER_OS-$RUNNER_ARCH" in
  Linux-X64) target=x86_64-unknown-linux-musl ;;
  Linux-ARM64) target=aarch64-unknown-linux-musl ;;
  macOS-X64) target=x86_64-apple-darwin ;;
  macOS-ARM64) target=aarch64-apple-darwin ;;
  Windows-X64) target=x86_64-pc-windows-msvc ;;
  Windows-ARM64) target=aarch64-pc-windows-msvc ;;
  *)
    echo "::error title=transom::there is no transom for $RUNNER_OS on $RUNNER_ARCH"
    exit 1
    ;;
esac

if [[ ! $VERSION =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]]; then
  echo "::error title=transom::\`$VERSION\` is no version: give one such as 0.1.0"
  exit 1
fi

name=transom-$VERSION-$target
case "$RUNNER_OS" in
  Windows) archive=$name.zip program=transom.exe ;;
  *) archive=$name.tar.gz program=transom ;;
esac
folder=${RUNNER_TOOL_CACHE//\\//}/transom/$VERSION/$target

sum() {
  if command -v sha256sum > /dev/null; then sha256sum "$1"; else shasum --algorithm 256 "$1"; fi | cut -d ' ' -f 1
}

if [[ ! -x $folder/$program ]]; then
  unfinished=$(mktemp -d)
  trap 'rm -rf "$unfinished"' EXIT
  for file in "$archive" SHA256SUMS; do
    if ! curl --fail --silent --show-error --location --retry 3 --output "$unfinished/$file" "$RELEASES/v$VERSION/$file"; then
      echo "::error title=transom::cannot download $RELEASES/v$VERSION/$file"
      exit 1
    fi
  done
  expected=$(awk -v name="$archive" '$2 == name || $2 == "*" name { print $1 }' "$unfinished/SHA256SUMS")
  found=$(sum "$unfinished/$archive")
  if [[ -z $expected || $found != "$expected" ]]; then
    echo "::error title=transom::$archive has the SHA-256 $found, and SHA256SUMS of v$VERSION says ${expected:-nothing about it}"
    exit 1
  fi
  case "$archive" in
    *.zip) unzip -q "$unfinished/$archive" -d "$unfinished" ;;
    *) tar -xzf "$unfinished/$archive" -C "$unfinished" ;;
  esac
  mkdir -p "$(dirname "$folder")"
  rm -rf "$folder"
  mv "$unfinished/$name" "$folder"
fi

"$folder/$program" --version
echo "$folder" >> "$GITHUB_PATH"
echo "program=$folder/$program" >> "$GITHUB_OUTPUT"
