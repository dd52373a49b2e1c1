#!/bin/sh
# Copies of a home what can't be made again, while prodops runs: backup.sh HOME TARGET
#
# What refers to files is copied before the files: a load counts by its marker, so a marker that is copied must find its
# files, and those are written before it and never change. Manifests are left out, for the next load makes them again
# from markers and files. Needs rsync, and less time than the day for which compacted files are kept.
set -eu
if [ $# -ne 2 ] || [ ! -e "$1/landing" ]; then
    echo "usage: backup.sh HOME TARGET; HOME is PRODOPS_HOME, with a landing in it" >&2
    exit 2
fi
umask 077
mkdir -p "$2"
target=$(cd "$2" && pwd)
cd "$1"

once() {
    find landing restricted/landing restricted/tokens published/current published/restatements.json \
        \( -path '*/_dlt_loads/*' -o -path 'restricted/tokens/*.json' -o -path 'published/*' \) \
        \( -type f -o -type l \) ! -name '*.tmp' -print0 2>/dev/null |
        rsync --archive --from0 --files-from=- . "$target" || return
    for folder in landing restricted/landing restricted/disclosure board published/snapshots; do
        [ ! -d "$folder" ] || rsync --archive --relative --delete-after --exclude=_dlt_loads/ --exclude=_manifests/ \
            --exclude='*.tmp' --exclude='.building-*' --exclude='.dropped-*' --exclude='.*.unfinished' \
            "$folder" "$target" || return
    done
}

# A file that compaction or a publish took away meanwhile (23, 24) is none of the next try's.
for try in 1 2 3; do
    code=0
    once || code=$?
    case $code in
        0) exit 0 ;;
        23 | 24) sleep 1 ;;
        *) break ;;
    esac
done
echo "backup.sh: rsync ended with $code; the copy in $target is not whole, run it again" >&2
exit 1
