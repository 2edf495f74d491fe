/**
 * The help of each verb. Generated from docs/verbs.md by `deno task generate`.
 */

/** What `outrider VERB --help` prints, by verb. */
export const VERB_HELP: Readonly<Record<string, string>> = {
  up: `Usage: outrider up [FILE] [OPTIONS]

Starts the sidecars of the manifest, or of a tauri.conf.json, in order, restarts
what fails, and tells what happens on standard output. Ctrl-C, SIGTERM, SIGHUP
and SIGQUIT stop everything in reverse order; a second one ends everything at
once (the same one only after half a second: one Ctrl-C under a task comes
twice).

FILE left out is outrider.json or outrider.jsonc of this folder, here and of all
verbs. It listens at a Unix socket that follows from FILE, which only this user
may connect to, for ps, start, stop and the like, if that is permitted already
and the manifest is not strict.

  --control PATH       listen there instead; in a folder that others use, or
                       with a slash at the end of PATH, in a folder of its own
                       there. Then what it needs must be permitted
  --no-control         listen nowhere
  -d, --detach         in the background: return when the tree has started, with
                       --wait-ready when all are ready, or with its exit code
                       when it has ended before. What happens goes to the log of
                       the tree, or, where it has none, to one in the state
                       folder, rotated as any other; its path is printed. It
                       takes permission to run sh and deno. 'down' ends it
  --in-background      what -d adds for the runtime that it starts: it prints
                       nothing, and has to listen
  --only CHILD         start CHILD and what it needs alone; can be repeated
  --for DURATION       stop by itself after that time, such as 10s or 5m
  --keep-going         start also where a program is missing: that child is held
                       back, and tried again
  --wait-ready DURATION
                       stop again, with exit code 1, unless each child has been
                       ready by then
  --stop-within DURATION
                       time for stopping everything, where what sent the signal
                       does not wait longer: where that is too short for all
                       stop sequences, a step has its proportion of the time
                       that is left
  --exit-code-from CHILD
                       stop when CHILD has ended for good, and exit with its
                       exit code
  --ignore-hup         go on after SIGHUP; so it does under nohup without this,
                       where ps may be run
  --http ADDRESS       answer at /livez, /readyz and /startupz, such as at
                       127.0.0.1:8080, whether the tree is well
  --notify             tell systemd, as a unit of Type=notify does
  --termination-log PATH
                       leave the reason of a failure in that file
  --take-over          stop another runtime that runs FILE first, instead of
                       refusing to start
  --log-format FORMAT  text, a timeline (default); json, one event a line
  --log-level LEVEL    error, warn, info (default) or debug
  --time STYLE         clock, local time (default); elapsed, seconds from the
                       start

Exit code: 0 stopped as asked, or every sidecar has ended for good; 1 it gave
up, could not start, or did not stop in time; 2 the manifest or the command line
is wrong; 3 a permission is missing, or one too many is granted for a manifest
that is strict; 130 ended by force by a second signal.`,
  ask: `Usage: outrider ask [TREE] CHILD MESSAGE [OPTIONS]

Sends MESSAGE to CHILD and prints the reply; nothing else is on standard output.
TREE is that of outrider ps. A tree that runs is used, and standard error says
so; else, and with --own, CHILD and what it needs are started, and stopped
again, in order.

  CHILD    its path, such as workers/w1; a sidecar or a pool
  MESSAGE  a line of text for 'lines'; JSON for 'ndjson', 'content-length' and
           'jsonrpc', 'mcp' and 'lsp', there as { "method": …, "params": … };
           bytes for the others; - reads it from standard input

  --timeout DURATION  how long to wait for the reply once CHILD is ready, all
                      of it where it has many frames (default 5s, or --idle)
  --own               start a part of its own, whatever runs
  --idle DURATION     how long to wait for each frame of a reply with 'until'
                      (default 5s, unless there is a --timeout)
  --max-total-timeout DURATION
                      how long to wait for a server of 'mcp' or 'lsp' that
                      reports progress (default 10m): with each report its
                      --timeout starts again
  --verbose           tell on standard error what happens, as 'up' does

A reply of 'lines' is printed as it is, JSON on one line; on a terminal it is
laid out. Where a reply has many frames, each is printed as it comes.

What CHILD needs: its supervisors, what these and it are 'after', and where a
list of children has no 'after', those that stand before. Permissions are those
of 'outrider up', or fewer: what is missing is reported before anything starts.

Exit code: 0 answered; 1 CHILD, or what it needs, could not start, or ended
before it answered; 2 the manifest or the command line is wrong; 3 a permission
is missing; 4 the answer is an error, or says that a tool of MCP failed; 5 no
answer in time; 130 ended by a signal.`,
  call: `Usage: outrider call [TREE] CHILD METHOD [PARAMS] [OPTIONS]

Calls METHOD of CHILD, whose protocol is 'jsonrpc', 'mcp' or 'lsp', and prints
the result as JSON; nothing else is on standard output. TREE is that of outrider
ps. A tree that runs is used, and standard error says so; else, and with --own,
CHILD and what it needs are started, and stopped again, in order.

  CHILD   its path, such as tools/search; a sidecar or a pool
  METHOD  such as tools/list
  PARAMS  a JSON object or array; - reads it from standard input

  --timeout DURATION  how long to wait for the result once CHILD is ready
                      (default 5s)
  --max-total-timeout DURATION
                      how long to wait for a server of 'mcp' or 'lsp' that
                      reports progress (default 10m): with each report its
                      --timeout starts again
  --open FILE         open FILE at a language server before the call, and close
                      it after; PARAMS without a "textDocument" get that of
                      FILE. Can be repeated: then that of the first
  --language ID       the language of FILE, such as python, where its name does
                      not tell it
  --own               start a part of its own, whatever runs
  --verbose           tell on standard error what happens, as 'up' does

The result is on one line; on a terminal it is laid out. What CHILD needs, and
which permissions that takes, is in: outrider ask --help

Exit code: 0 done; 1 CHILD, or what it needs, could not start, or ended before
it answered; 2 the manifest or the command line is wrong; 3 a permission is
missing; 4 the answer is an error, or says that a tool of MCP failed; 5 no
answer in time; 130 ended by a signal.`,
  pipe: `Usage: outrider pipe [TREE] CHILD [OPTIONS]

Gives CHILD each line of standard input, and prints the replies in the order of
the lines. TREE is that of outrider ps. A tree that runs is used, and standard
error says so; else, and with --own, CHILD and what it needs are started, and
stopped again, in order.

  CHILD  its path, such as workers/w1; a sidecar or a pool

  lines                       each line is asked, each reply is a line
  ndjson, content-length      each line is JSON, and so is each reply
  jsonrpc, mcp, lsp           each line is {"id": 1, "method": …, "params": …},
                              without "id" a notification. Replies, under these
                              ids, and notifications of CHILD are a line each,
                              in the order in which they come
  netstring, length-prefixed  frames of that protocol, in and out
  bytes, pairing none         all is one stream: CHILD gets standard input as it
                              is, with its end, and what it writes is printed;
                              it is not started again; no pools. A tree that
                              runs starts a process for it, beside the one that
                              it has: as 'run' does

  --fail-fast         end at the first line that fails
  --own               start a part of its own, whatever runs
  --timeout DURATION  for each reply, from when its line was read; default none
  --verbose           tell on standard error what happens, as 'up' does

Up to 1,024 lines are under way at a time. No more is read while they wait, or
while the output does. A line that fails is reported on standard error with
its number, and the others go on. When CHILD ends, what it had fails, or is sent
again, as its 'onDeath' says, and the rest goes to its next incarnation. On a
terminal, standard error shows how far it has come, if the output goes
elsewhere. What CHILD needs, and which permissions that takes, is in:
outrider ask --help

Exit code: 0 all was answered, or the reader of the output has had enough; 1 a
line failed, or CHILD could not start, or ended for good; 2 the manifest or the
command line is wrong; 3 a permission is missing; 130 ended by a signal.`,
  run: `Usage: outrider run [TREE] CHILD [ARGS...]

Runs CHILD once, as a job, with standard input and output of its own, and ends
with its exit code. TREE is that of outrider ps. A tree that runs does it beside
CHILD, by the name CHILD-run-1: what CHILD starts after is used as it runs, and
nothing is restarted. Else, and with --own, what it needs is started, and
stopped again, in order. Ctrl-C stops the job, and not a tree that ran.

  CHILD      its path, such as jobs/migrate; a sidecar. In a tree in which it
             runs it takes ARGS: the same command is not run twice
  ARGS       arguments behind those of the manifest, after -- if one begins
             with a dash
  --own      start a part of its own, whatever runs
  --verbose  tell on standard error what happens, as 'up' does; of a part of
             its own

Exit code: that of CHILD, of one that a signal has ended 128 and its number; or
1 it, or what it needs, could not start; 2 the manifest or the command line is
wrong; 3 a permission is missing; 130 it was stopped by a signal to this.`,
  mcp: `Usage: outrider mcp [FILE] [OPTIONS]

Serves the MCP servers of FILE as one MCP server, on standard input and output:
a client of MCP starts this command in their place. FILE is a manifest, whose
children with "protocol": "mcp" are meant; what else is in it runs beside them.
Or it is the configuration of an MCP client, such as .mcp.json. A server that
dies is restarted behind it: the client keeps its session, and is told what
changed.

The names of tools and prompts begin with that of their server, as in
files__read. What happens is told on standard error. It ends when its client
closes standard input, and by Ctrl-C, SIGTERM, SIGHUP and SIGQUIT.

  --http ADDRESS       serve clients over HTTP instead, at /mcp of an address of
                       this machine, such as 127.0.0.1:8123, until a signal
                       comes; the address is told on standard error
  --token-file PATH    the token that these clients have to send is in that
                       file, which is made where it is missing. Without this,
                       there is a new one each time, told with the address
  --allow PATTERN      show and call only tools of these names, such as
                       'files__*'; can be repeated
  --deny PATTERN       not these tools, also where --allow names them; can be
                       repeated
  --bare-names         show tools and prompts under their own names; it ends
                       where two servers have the same one
  --control-tools      have tools of its own: outrider__ps, outrider__logs,
                       outrider__why and outrider__restart
  --timeout [SERVER=]DURATION
                       fail a request after that time without an answer or
                       progress, such as 30s or files=5m; without this, its
                       client decides; can be repeated
  --restart-hung [SERVER=]DURATION
                       restart a server that does not answer a ping in that
                       time, such as 30s or files=5m; it is asked when a request
                       has timed out or was cancelled; can be repeated
  --concurrency [SERVER=]COUNT
                       give a server no more requests at a time, such as 4 or
                       files=1, and have others wait; can be repeated
  --open-within DURATION
                       how long the first answer to a client waits for servers
                       that are starting (10s); those that come later are told
                       of by list_changed
  --only CHILD         start CHILD and what it needs alone; can be repeated
  --input ID=VALUE     what an MCP client would ask for; can be repeated. If it
                       is left out, the variable OUTRIDER_INPUT_ID counts
  --inputs-file MORE   a JSON object of such values
  --need-all           end with exit code 1 where a program is missing; without
                       this, its server is held back, named as not available,
                       and tried again
  --stop-within DURATION
                       time for stopping everything
  --log-format FORMAT  text, a timeline (default); json, one event a line
  --log-level LEVEL    error, warn, info (default) or debug
  --time STYLE         clock, local time (default); elapsed, seconds from the
                       start

Exit code: 0 its client has gone, or it was stopped; 1 the tree gave up, could
not start, or did not stop in time; 2 the manifest or the command line is wrong,
or with --bare-names two names are the same; 3 a permission is missing, or one
too many is granted for a manifest that is strict; 130 ended by force by a
second signal.`,
  check: `Usage: outrider check [FILE]

Reads the manifest and says everything that is wrong with it at once; then
whether each program is there, and whether the permissions of this very process
are enough for 'outrider up FILE'. Starts nothing. It lists what it had no
permission to look at, and what has no effect here, such as a sidecar for
another platform, or a setting of tauri.conf.json that has no counterpart. Then
it says what a stop ends under these permissions, what ends if Outrider itself
is killed, and for how long Outrider pauses each time it starts a program. It
warns of what weakens the limits that a sidecar is held in: programs, secrets
and manifests that others can exchange, secrets that anybody can read, variables
such as NODE_OPTIONS that make a program run other code, and programs that can
run any other, such as a shell or a launcher: who may run one may run all. And
it warns if the manifest's permissions are "strict" and 'up' would refuse those
of this process.

A task of the nearest deno.json that starts FILE is held against it: what its
flags lack is a fault, what they grant and nothing needs is a warning; the
exact flags are printed as well.

Exit code: 0 all is well; 1 a program or folder is missing, or a task's flags
lack something; 2 the manifest is wrong; 3 a permission is missing.`,
  explain: `Usage: outrider explain [FILE] CHILD [CAUSE] [--times N]

A dry run of a death: whether CHILD would be started again and which rule says
so, what would stop and start, in which order and after what delay, and how
many restarts are left; at the limit, who gives up or is held back, and what
the supervisor above does then. Starts nothing.

  CHILD      its path, such as workers/w1
  CAUSE      what it dies of: an exit code, 0 to 255 (default 1; for a
             supervisor completed, which is how one that gave up ends); a
             signal, such as SIGKILL; or
             completed, exception, not_ready, unhealthy,
             over_limit, protocol, unstartable
  --times N  the N-th such death in a row, each as soon as it is ready again

It is decided by what is in FILE alone: all other children are thought to run,
nothing of the budget is used up before, and of a delay with jitter the middle
is counted.

Exit code: 0 done; 2 the manifest or the command line is wrong.`,
  init: `Usage: outrider init [FILE]

Writes a manifest of two small sidecars to FILE, which must not exist
(outrider.json, if nothing is said), and beside it outrider.schema.json, by
which an editor completes and checks it; one that is there stays as it is.
Prints what to try next.

Exit code: 0 done; 2 FILE exists or can't be written; 3 a permission is missing.`,
  import: `Usage: outrider import FILE [OPTIONS] [-o OUT]

Prints a manifest of the programs that FILE of another tool names. What has no
counterpart is listed on standard error, and so is what is in another form than
in FILE, or means something else here, each with its line. A line of a shell is
split into a program and its arguments, as a shell does; where there is more to
it (a pipe, a variable, a redirection), it is run by one, which is listed.
Starts nothing. FORMAT is one of

  procfile         a Procfile of foreman, Overmind or Heroku, with the .env that
                   is beside it
  process-compose  process-compose.yaml, and the .env beside it
  pm2              ecosystem.config.json, or the same in YAML
  supervisord      supervisord.conf, without the files that it includes
  mcp              the servers of an MCP client that are programs: of .mcp.json,
                   claude_desktop_config.json, .vscode/mcp.json,
                   .cursor/mcp.json, or the settings.json of Zed. No secret is
                   written: it comes from a variable
  tauri            the sidecars of a Tauri app, for all platforms: those of
                   tauri.conf.json, tauri.conf.json5 or Tauri.toml, with
                   tauri.linux.conf.json and so on beside it, and what its
                   capabilities (Tauri 2) or its allowlist (Tauri 1) permit. A
                   sidecar of which nothing says with which arguments it runs is
                   a template, which nothing starts by itself, as in Tauri

  --from FORMAT     what FILE is, where neither its name nor its text says it
  --merge MORE      lay MORE over FILE, as Tauri does with --config; can be
                    repeated. One whose name says a platform, such as
                    tauri.linux-x86_64.conf.json, counts there alone
  --input ID=VALUE  what an MCP client would ask for; can be repeated. Without
                    it, the variable OUTRIDER_INPUT_ID counts, then the default
  --inputs-file MORE
                    the same from MORE, a JSON object of texts by id
  -o, --output OUT  write it to OUT, which must not exist; paths in it are then
                    relative to the folder of OUT, otherwise to that of FILE, or
                    to the one above .vscode, .cursor and .zed

Exit code: 0 done; 2 FILE or the command line is wrong, or OUT exists; 3 a
permission is missing.`,
  permissions: `Usage: outrider permissions [FILE] [OPTIONS]

Prints, on one line, the smallest flags of deno run under which
'outrider up FILE' works: the programs it starts, the environment variables
they inherit, the manifest itself, the files that hold their secrets or are
pinned, and the ports that their probes connect to.
Starts nothing. Files that a manifest in TypeScript imports are not listed;
then it says so on standard error.

  --explain          say of each who needs it and what for, a line each, and
                     which of the programs can run any other
  --format FORMAT    flags: as a shell splits them in $(…); the default. One
                     with a space, or anything else that a shell acts on, is
                     refused, as quotes are of no use there
                     shell: the same, quoted, to be copied, or for eval
                     lines: a flag a line, not quoted
                     deno.json: a named set of permissions, to stand there
  --templates        also what the templates need, which 'outrider up' does not
                     start: for a program of yours that does; the same where
                     there are templates alone
  --input ID=VALUE   of the configuration of an MCP client, such as .mcp.json,
                     which mcp takes: what it asks for; can be repeated
  --inputs-file MORE a JSON object of such values
  --name NAME        how that set is called (default: the manifest's name)
  --control PATH     also what a control socket there needs
  --contain          also what it takes to end all that sidecars have started,
                     to find what a killed run has left, to refuse a second
                     one, and to start programs without holding up the runtime
                     (setsid, which can run anything; to a strict manifest only
                     where another of its programs can)

  deno run $(outrider permissions FILE) jsr:@outrider/outrider/cli up FILE
  eval "deno run $(outrider permissions FILE --format shell) …"
  deno run -P=NAME jsr:@outrider/outrider/cli up FILE`,
  unit: `Usage: outrider unit [FILE] [OPTIONS]

Prints a unit of systemd, or a job of launchd, that runs 'up' on FILE, with
exactly the permissions that FILE needs and the time that its stop takes.

  --format FORMAT      systemd (default) or launchd
  --user               a unit for systemctl --user
  --contain            with the permissions to end all that sidecars have
                       started, and what a killed run has left
  --http ADDRESS       as for 'up'
  --executable PATH    run that executable of 'outrider compile' instead

Exit code: 0 printed; 2 the manifest or the command line is wrong; 3 a
permission is missing.`,
  compile: `Usage: outrider compile FILE -o NAME [OPTIONS]

Makes one executable of the manifest and the runtime, with exactly the
permissions that the manifest needs, which can't be changed later. NAME does
what 'outrider up FILE' does, 'NAME check' looks for its programs, 'NAME
permissions' prints what it may do; none of them needs Deno. Starts no sidecar.

  -o, --output NAME  the file to make; it is replaced
  --embed            put the programs that FILE gives by path into it, too: they
                     are unpacked while it runs, to a folder of this user alone.
                     What ran in the manifest's folder runs where NAME is
                     started. NAME may then run any program: docs/compile.md
  --unpack-to DIR    with --embed: the folder in which that folder is made
                     (default: the cache folder of the user who runs NAME)
  --contain          also what it takes to end all that sidecars have started,
                     to find what a killed run has left, and to refuse a second
                     run of NAME: docs/containment.md
  --control PATH     listen at a Unix socket there, for 'NAME ps', 'NAME restart
                     CHILD' and their like; without it NAME never listens

It runs 'deno compile', which needs the base binary denort: from the network, or
from where the environment variable DENORT_BIN says.

Exit code: 0 done; 1 it could not be made; 2 the manifest or the command line is
wrong; 3 a permission is missing.`,
  schema: `Usage: outrider schema

Prints the JSON Schema of manifests. Save it beside a manifest and name it
there, and an editor completes and checks the manifest while you type:

  outrider schema > outrider.schema.json
  { "$schema": "./outrider.schema.json", "name": … }`,
  errors: `Usage: outrider errors [CODE]

Without CODE, lists the codes of all errors, one a line, with what each is
about. With CODE, such as sidecar_exited, says what happened, what it likely
comes from and what to do, with an example of the message.

  --markdown  all of it, as the page docs/errors.md

Exit code: 0 done; 2 there is no such code.`,
  ps: `Usage: outrider ps [TREE] [OPTIONS]

Shows every child of a running tree: its state, its generation, how often it was
started again, for how long it has been running, the share of a processor and
the memory that it and what it has started use, its pid, whether it is ready,
how many lines it has written, when the last one, and how it ended last. What is
not known is a dash: processor and memory where the runtime may not run 'ps'.

TREE is FILE, the manifest that 'outrider up FILE' runs, or SOCKET, the path
that 'outrider up FILE --control SOCKET' was given. What contains a / and is
there, or ends in .json, .jsonc, .ts or .sock, is taken for it; left out, it is
outrider.json or outrider.jsonc of this folder.

  -w, --watch         again and again, on the whole terminal, until Ctrl-C
  --json              the same as JSON, times in milliseconds since 1970
  --timeout DURATION  how long to wait for the answer (default 5s)

Exit code: 0 done; 1 nobody answers; 2 the command line is wrong; 3 a
permission is missing.`,
  status: `Usage: outrider status [TREE] [OPTIONS]

Shows every child of a running tree: its state, its generation, for how long it
has been in that state, and how it ended last. TREE is that of outrider ps.

  --json              the same as JSON, times in milliseconds since 1970
  --timeout DURATION  how long to wait for the answer (default 5s)

Exit code: 0 done; 1 nobody answers; 2 the command line is wrong; 3 a
permission is missing.`,
  logs: `Usage: outrider logs [TREE] [CHILD...] [OPTIONS]

Prints the last lines that children of a tree have printed, merged by time. They
come from the memory of the runtime, which keeps the last 1,000 of each child,
at most 256 KiB, and, as far as that does not reach, from log files, those of
earlier runs and that of 'up -d' too. Where nothing runs, or its runtime was
killed, they come from the log files of FILE alone, and standard error says so;
nor are all lines there that were asked for where it says that.

  CHILD               its path, such as workers/w1; that of a group is all of
                      it; 'workers/*' all children of one; default: all
  -f, --follow        go on with what comes, until Ctrl-C, which harms nothing,
                      or the end of the tree. What this can't print in time is
                      lost, and a line says how much
  -n, --lines N       the last N of them (default 100; with --since all)
  --since WHEN        from then on: a duration, such as 10m, a time of the day,
                      such as 10:02, or a date with one, 2026-11-29T10:02
  --grep PATTERN      only lines that have it, a regular expression
  --json              a line each, as 'up --log-format json' has it
  --timeout DURATION  for the runtime's first answer (default 5s)

Exit code: 0 printed, and with -f the tree has ended; 1 nothing answers, and
there are no log files, or its runtime was killed meanwhile; 2 a wrong command
line, or no such child; 3 a permission is missing.`,
  reopen: `Usage: outrider reopen [TREE] [CHILD...] [OPTIONS]

Has a running tree let its log files go and open those at their paths, which
are made where they are missing: for logrotate, or where a file was moved by
hand. Names each of them. When it is done, nothing more is written to the files
that were moved.

  CHILD               only files with its output: a path or a pattern, as for
                      'logs'; default: all
  --timeout DURATION  for the answer (default 60s)

Exit code: 0 done; 1 nothing answers, a file can't be opened, or the tree writes
to none; 2 a wrong command line, or no such child; 3 a permission is missing.`,
  why: `Usage: outrider why [TREE] CHILD [OPTIONS]

Says how CHILD came to be as it is: its last incarnations, the latest first,
when each began and ended and how, with its last words, what its supervisor
decided then, and what comes next. The runtime remembers ten of each child.

  --json              as data
  --timeout DURATION  for the answer (default 5s)

Exit code: 0 told; 1 nothing answers; 2 a wrong command line, or no such child;
3 a permission is missing.`,
  events: `Usage: outrider events [TREE] [CHILD] [OPTIONS]

Tells what happens in a running tree from now on, a line each, until Ctrl-C or
its end; with CHILD, at that place and below it. What this can't read in time
is lost, and a line says how many. What sidecars write is not among it, unless
the type output is asked for.

  -f, --follow        as always
  --types TYPES       only these, such as exited,restarting,quarantined
  --json              an event a line, as 'up --log-format json' has it
  --timeout DURATION  for the runtime's first answer (default 5s)

Exit code: 0 the tree has ended; 1 nothing answers; 2 a wrong command line; 3 a
permission is missing.`,
  start: `Usage: outrider start [TREE] CHILD... [--timeout DURATION]

Starts children of a running tree that are stopped, wait for a restart or are in
quarantine, and waits until they are ready: each after those of them that it
depends on. One that runs is left as it is. It does not count as a restart.

  CHILD               its path, such as workers/w1; that of a group is all of
                      it; 'workers/*' all children of one; 'all' the whole tree
  --timeout DURATION  how long to wait (default 60s); the runtime goes on

Exit code: 0 all are ready; 1 one could not be started, or nobody answers; 2 the
command line is wrong, or there is no such child; 3 a permission is missing.`,
  stop: `Usage: outrider stop [TREE] CHILD... [--timeout DURATION]

Stops children of a running tree, and waits until they have ended: each before
those of them that it depends on. They stay stopped until 'outrider start', or
until their group is restarted; messages for them wait. A temporary child is
forgotten. Children that start after one of them go on, and are named.

  CHILD               its path, such as workers/w1; that of a group is all of
                      it; 'workers/*' all children of one; 'all' the whole
                      tree, which goes on without them: see 'outrider down'
  --timeout DURATION  how long to wait (default 60s); the runtime goes on

Exit code: 0 all have ended; 1 nobody answers; 2 the command line is wrong, or
there is no such child; 3 a permission is missing.`,
  restart: `Usage: outrider restart [TREE] CHILD... [--timeout DURATION]

Stops children of a running tree, starts them again one after the other, and
waits until they are ready. One that is in quarantine comes out of it. It does
not count as a restart.

  CHILD               its path, such as workers/w1; that of a group is all of
                      it; 'workers/*' all children of one; 'all' the whole tree
  --timeout DURATION  how long to wait (default 60s); the runtime goes on

Exit code: 0 all are ready; 1 one could not be started, or nobody answers; 2 the
command line is wrong, or there is no such child; 3 a permission is missing.`,
  terminate: `Usage: outrider terminate [TREE] CHILD... [--timeout DURATION]

The same as outrider stop.`,
  scale: `Usage: outrider scale [TREE] POOL N [--timeout DURATION]

Has a pool of a running tree keep N copies from now on, until it starts anew or
is scaled again, also where it grew and shrank by itself. Waits until new ones
are ready; one that goes answers what it has first, within a minute.

  POOL                its path, such as workers
  N                   a whole number from 1 on
  --timeout DURATION  how long to wait (default 600s); the runtime goes on

Exit code: 0 done; 1 one could not be started, no pool is there, or nobody
answers; 2 the command line is wrong, or there is no such child; 3 a permission
is missing.`,
  replace: `Usage: outrider replace [TREE] POOL [--timeout DURATION]

Replaces the copies of a pool of a running tree one at a time, say because their
program was updated. One gets no more messages, answers what it has within a
minute, and the next one's turn comes when its successor is ready. No request is
lost.

  POOL                its path, such as workers
  --timeout DURATION  how long to wait (default 600s); the runtime goes on

Exit code: 0 all are replaced; 1 one did not get ready, and those behind it were
left, or no pool is there, or nobody answers; 2 the command line is wrong, or
there is no such child; 3 a permission is missing.`,
  signal: `Usage: outrider signal [TREE] CHILD SIGNAL [OPTIONS]

Sends a signal to the process of a child: TERM and KILL to all that it has
started as well, any other to the process alone. The supervisor is not told: one
that ends of it is restarted by its rules.

  CHILD               its path, such as workers/w1
  SIGNAL              its name, such as HUP or SIGHUP
  --group             to all that the process has started, too
  --process           to the process alone
  --timeout DURATION  how long to wait for the answer (default 60s)

Exit code: 0 it is sent; 1 the child has no process, or nobody answers; 2 the
command line is wrong, or there is no such child; 3 a permission is missing.`,
  wait: `Usage: outrider wait [TREE] [CHILD] [OPTIONS]

Waits until CHILD, or the whole tree, is ready. A job that has done its work is
as good as ready. A tree that is not started yet is waited for, too.

  CHILD               its path, such as workers/w1
  --for STATE         ready (default), or stopped
  --timeout DURATION  how long to wait (default 60s)

Exit code: 0 it is so; 1 it will not be so by itself, or nobody answers; 2 the
command line is wrong, or there is no such child; 3 a permission is missing; 5
not within that time.`,
  down: `Usage: outrider down [TREE] [--timeout DURATION]

Ends a running tree in order, as Ctrl-C does, and waits until nothing of it is
left. Where the runtime was killed, it ends what that has left, as the next
start would.

  --timeout DURATION  how long to wait (default 120s); the runtime goes on

Exit code: 0 it has ended; 1 nobody answers; 2 the command line is wrong; 3 a
permission is missing.`,
};
