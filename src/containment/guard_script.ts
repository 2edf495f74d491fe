/**
 * The guardian's program, for `sh`: it reads the groups of a run, and ends them when its stdin ends.
 *
 * A group's number may have been given away by the time it acts: it may have been stopped, or SIGTERM may have
 * emptied a group. So it signals a group only while its leader started when the runtime said, or while a member is
 * there that was there before. Without a `ps` that shows this, SIGKILL comes at once, while the process numbers are
 * still fresh.
 *
 * The mark of the run is in its environment: the runtime may be killed before it has written a line. The lines it reads:
 * `user UID`, `+ GROUP SECONDS` (since 1970, of its start), `- GROUP`, `end`.
 */
import { RUN_ID_VARIABLE } from "./run_ids.ts";

const DARWIN = Deno.build.os === "darwin";

/** How the environments are listed: on Linux behind the name of the program, on macOS behind its command line. */
const ENVIRONMENTS = DARWIN
  ? "ps -axEww -o pid=,pgid=,etime=,uid=,stat=,command="
  : "ps axeww -o pid=,pgid=,etime=,uid=,stat=,comm=";

/** On macOS a second reading cuts off what precedes the environment; elsewhere it cannot hold a mark. */
const CUT_COMMAND = DARWIN
  ? `command=$(ps -ww -o command= -p "$pid")
      case $line in "$command "*) line=" \${line#"$command "}" ;; *) return 1 ;; esac`
  : ":";

/** The variable that has the mark of the run. */
export const GUARDED_RUN_VARIABLE = "GUARDED_RUN";

/** The argument of `sh -c`. It does not look programs up on the runtime's PATH. */
export const GUARD_SCRIPT = `
PATH=/usr/bin:/bin LC_ALL=C
export PATH LC_ALL
run=$${GUARDED_RUN_VARIABLE} groups= users=$(id -u) kept= seen= before= rows= pause= now=
while read -r what value at; do
  case $what in
    user) case "$users " in *" $value "*) ;; *) users="$users $value" ;; esac ;;
    +) groups="$groups $value:$at" ;;
    -) rest=
       for group in $groups; do [ "\${group%%:*}" = "$value" ] || rest="$rest $group"; done
       groups=$rest ;;
    end) exit 0 ;;
  esac
done
exec 2>/dev/null

# Sets start to when a process started, by how long ago that was: [[days-]hours:]minutes:seconds.
start_of() {
  days=00 hours=00 time=$1
  case $time in *-*) days=\${time%%-*} time=\${time#*-} ;; esac
  case $time in *:*:*) hours=\${time%%:*} time=\${time#*:} ;; esac
  minutes=\${time%%:*} seconds=\${time#*:}
  start=$((now - ((\${days#0} * 24 + \${hours#0}) * 60 + \${minutes#0}) * 60 - \${seconds#0}))
}

# Whether the process that started at start is the one that the runtime started.
is_it() {
  at=\${groups##*" $1:"} at=\${at%% *}
  [ $((start - at)) -le 2 ] && [ $((at - start)) -le 2 ]
}

# Sets kept to the groups that are surely those of the run, and alone to those that lead none yet; fails where that
# can't be told. With an argument, rows has the environments as well.
look() {
  rows=$(if [ "$1" ]; then ${ENVIRONMENTS}; else ps ax -o pid=,pgid=,etime=; fi)
  [ -n "$rows" ] || return 1
  now=$(date +%s) kept= led= strange= alone= before=$seen seen=
  while read -r pid group etime line; do
    case "$groups " in
      *" $group:"*) ;;
      *" $pid:"*) start_of "$etime"; ! is_it "$pid" || alone="$alone $pid"; continue ;;
      *) continue ;;
    esac
    start_of "$etime"
    seen="$seen $pid:$start"
    case " $kept " in *" $group "*) known=y ;; *) known= ;; esac
    if [ "$pid" = "$group" ]; then
      if is_it "$pid"; then led="$led $group"; else strange="$strange $group"; fi
    elif [ -z "$before" ]; then
      [ "$known" ] || kept="$kept $group"
    else
      for second in $((start - 1)) $start $((start + 1)); do
        case "$before " in *" $pid:$second "*) [ "$known" ] || kept="$kept $group"; known=y ;; esac
      done
    fi
  done <<ROWS
$rows
ROWS
  rest=$led
  for group in $kept; do
    case " $led $strange " in *" $group "*) ;; *) rest="$rest $group" ;; esac
  done
  kept=$rest
}

# The half second begins at once, and the first reading is done in it.
[ -z "$groups" ] || { sleep 0.5 & pause=$!; }
if look; then
  groups_of_run=$groups groups=
  for group in $kept; do
    kill -s TERM -- "-$group"
    at=\${groups_of_run##*" $group:"}
    groups="$groups $group:\${at%% *}"
  done
  for pid in $alone; do kill -s TERM "$pid"; done
  rows=
  if [ "$kept$alone" ]; then wait "$pause"; look with_environments; else kill "$pause"; fi
else
  for group in $groups; do kept="$kept \${group%%:*}"; done
fi
for group in $kept; do kill -s KILL -- "-$group"; done

# Whether the mark is in the environment behind a program's name, as an entry of its own.
is_marked() {
  ${CUT_COMMAND}
  while :; do
    case $line in *" ${RUN_ID_VARIABLE}="*) line=\${line#*" ${RUN_ID_VARIABLE}="} ;; *) return 1 ;; esac
    value=\${line%% *}
    next=\${line#"$value"} next=\${next# } next=\${next%% *}
    case $next in '' | [!=]*=*) case ",$value" in *",$run:"*) return 0 ;; esac ;; esac
  done
}

[ -n "$run" ] || exit 0
# The processes that are started now: Linux gives numbers in their order.
newest() {
  list=$(sh -c 'echo $$') count=0
  next=$list
  while [ "$count" -lt 250 ]; do count=$((count + 1)) next=$((next + 1)) list=$list,$next; done
  ps eww -q "$list" -o pid=,pgid=,etime=,uid=,stat=,comm=
}

empty=0 blank= restless= mixed= first=yy until=$((\${now:-$(date +%s)} + 5))
while :; do
  found=
  if [ "$restless" ]; then
    rows=$(newest) restless=
  else
    [ -n "$rows" ] || rows=$(${ENVIRONMENTS})
    before="$blank " blank= mixed=' 0 1 '
  fi
  while read -r pid group etime uid stat line; do
    case " $users " in *" $uid "*) ;; *) mixed="$mixed$group "; continue ;; esac
    # What forks and ends all the time may be gone before its environment is read; its group stays.
    case $stat$line in
      [!Z]*' '*) ;;
      *) blank="$blank $group:$pid"
         case "$before" in
           *" $group:$pid "*) ;;
           *" $group:"*) [ "$group" -le 1 ] || restless=y ;;
           *) [ "$group" -le 1 ] || restless=$first ;;
         esac
         continue ;;
    esac
    line=" $line"
    case $line in
      *" ${RUN_ID_VARIABLE}="*"$run:"*)
        if is_marked; then found="$found $pid:$group"; continue; fi ;;
    esac
    mixed="$mixed$group "
  done <<ROWS
$rows
ROWS
  rows= first=\${first#y}
  [ "$restless" ] && empty=0 || empty=$((empty + 1))
  for one in $found; do
    empty=0
    case $mixed in *" \${one#*:} "*) kill -s KILL "\${one%%:*}" ;; *) kill -s KILL -- "-\${one#*:}" ;; esac
  done
  [ "$empty" -lt 2 ] && [ "$(date +%s)" -le "$until" ] || break
done
`;
