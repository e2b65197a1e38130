# Completion of timetier for fish.  It has no list of anything: the program says what may follow.
function __timetier_offered
    set -l before (commandline -opc)
    $before[1] --complete $before[2..-1] (commandline -ct) 2>/dev/null | string replace -r -- " " "\t"
end
complete -c timetier -f -a '(__timetier_offered | string match -v -- "<*>")'
complete -c timetier -n '__timetier_offered | string match -q -- "<DIR>"' -f -a '(__fish_complete_directories (commandline -ct))'
complete -c timetier -n '__timetier_offered | string match -qr -- "^<(FILE|PLAN)>\$"' -F
