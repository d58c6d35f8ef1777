#!/bin/sh
# What a profile costs beside the same said by options, in a repository. Needs git, bench/bin/start and the built programs.
set -e
here=$(cd "$(dirname "$0")" && pwd)
landlocked=$(echo "$here"/../out/LandlockPS/bin/linux-*/landlocked)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
export HOME="$place/home"
mkdir -p "$HOME" "$place/work"
cd "$place/work"
git init -q .
"$landlocked" --profile agent -- true
cache=$HOME/.cache/landlockps-cache-profiles/agent
terminals=read_file,write_file,read_dir,ioctl_dev
"$here/bin/start" 200 bare /bin/true --- \
    'as `agent`, by options' "$landlocked" --preset Base,Git,Build,Node,Python,Dotnet,PowerShell,WebClient \
    --read-write-execute "$PWD" --read-write-execute "$PWD/.git" --read-write-execute "$cache" --no-unix-socket --no-system-v-ipc \
    --remove-secret --private-temp --preserve .git/config --preserve .git/hooks --access "$terminals:/dev/pts" --access "$terminals:/dev/ptmx" \
    --env XDG_CACHE_HOME="$cache" --env CARGO_HOME="$cache/cargo" --env DOTNET_CLI_HOME="$cache/dotnet" --env GOMODCACHE="$cache/go" \
    --env GRADLE_USER_HOME="$cache/gradle" --env NUGET_PACKAGES="$cache/nuget" --env YARN_CACHE_FOLDER="$cache/yarn" \
    --env npm_config_cache="$cache/npm" -- /bin/true --- \
    '`--profile agent`' "$landlocked" --profile agent -- /bin/true --- \
    'as `untrusted`, by options' "$landlocked" --preset Base --read-write-execute . --network none --no-unix-socket --no-system-v-ipc \
    --restrict-namespaces --clean-env --private-temp --kill-on-parent-exit --timeout 10m --max-memory 2G --max-file-size 1G \
    --max-open-files 1024 -- /bin/true --- \
    '`--profile untrusted`' "$landlocked" --profile untrusted -- /bin/true
