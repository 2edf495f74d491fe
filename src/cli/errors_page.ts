/**
 * The text of docs/errors.md. Generated from the page by `deno task generate`.
 */

/** The page, which `outrider errors` explains codes from. */
export const ERRORS_PAGE = `# Errors

Every error of Outrider is of one of the classes below and has a stable \`code\` to match on. Messages are for
people and may change. What an error comes from is its \`cause\`, and that of the cause, down to the first.
\`outrider errors\` lists the codes, \`outrider errors CODE\` explains one.

With \`--log-format json\`, and \`--json\` where a verb has it, errors are data: \`name\`, \`code\`, \`message\`, the
fields listed here, and \`cause\`, which has the same form. In an event they stand in its \`cause\`, or the
\`cause\` of its \`exit\`. The one that ends a command is the last line on standard error, as \`error\` of an object
with \`time\`, \`level\` and \`type\`.

Not in this list: what your own code throws, and what Deno throws unexpectedly (a disk that fails, say). Both
are passed on as they are, as a cause.

\`outrider errors --markdown\` prints this page.

## Command line

What is wrong with how a command was called.

### usage

\`UsageError\`, \`Refusal\`. The command line is wrong, so nothing was done. The exit code is 2.

\`\`\`text
Cannot go on: there is no outrider.json or outrider.jsonc here; name FILE first
\`\`\`

Likely: a misspelt verb or option; a FILE, SOCKET or CHILD that is missing or one too many.

What to do: 'outrider VERB --help' has all that a verb takes.

### permissions_missing

\`PermissionsMissingError\`. Deno was started with less than the manifest, or the socket, needs. Nothing was
started; the exit code is 3.

\`\`\`text
Cannot start 'tree': 1 permission missing
\`\`\`

Likely: flags that were written down before the manifest changed; another user, whose PATH is another one; a
misspelt \`command\`: Deno drops a name that is not on its PATH, as if its flag were not there.

What to do: Add the flags that the message names, or start with what 'outrider permissions FILE' prints. If
they are there already, install the program or correct its name.

Fields: \`missingFlag\`: what to add to deno run.

### not_startable

\`NotStartableError\`. A program or a working directory of the tree is missing on this machine. Nothing was
started; the exit code is 1.

\`\`\`text
Cannot start 'tree': 2 faults
\`\`\`

Likely: a program that is not installed, or another PATH than usual; a folder that is made later.

What to do: 'outrider check FILE' lists the same. '--keep-going' starts the others, and holds these back until
they are there; 'outrider mcp' does so unless '--need-all' is said.

Fields: \`faults\`: each with the \`path\` of the child and the \`text\` of what is wrong.

### permissions_excessive

\`PermissionsExcessiveError\`. The manifest has "permissions": "strict", and Deno was started with more than it
needs. Nothing was started; the exit code is 3.

\`\`\`text
Cannot start 'tree': its permissions are "strict", and more is granted than it needs
\`\`\`

Likely: -A, or a flag without values, such as --allow-run; a task that starts Outrider with permissions for
every manifest, as 'deno task outrider' does; flags that were written down before the manifest changed.

What to do: Start with the flags of the last line of the message, or say \`"permissions": "enough"\` in the
manifest.

Fields: \`excess\`: what is granted and not needed; \`exactFlags\`: what to give deno run instead.

## Manifests

What is wrong with a manifest, found before anything starts.

### manifest_not_found

\`ManifestError\`. There is no such file.

\`\`\`text
Cannot read manifest /srv/outrider.json: no such file
\`\`\`

Likely: a misspelt name; another working directory than was thought.

What to do: Correct the path; the message has it in full.

Fields: \`file\`: the manifest; \`faults\`: all that was found, each with \`path\`, \`line\`, \`column\`, \`message\`,
\`hint\`.

### manifest_unreadable

\`ManifestError\`. The file is there and can't be read: it is a folder or a named pipe, or the system refuses.

\`\`\`text
Cannot read manifest /srv/app: it is a folder, not a file
\`\`\`

Likely: a folder in place of the file in it; a named pipe, which may have no end (one that a shell passes as a
file descriptor is read); the mode of the file, or of a folder above it.

What to do: Name the file, or give this user the right to read it.

Fields: \`file\`: the manifest; \`faults\`: all that was found, each with \`path\`, \`line\`, \`column\`, \`message\`,
\`hint\`.

### manifest_permission_missing

\`ManifestError\`. Deno was started without the permission to read the manifest.

\`\`\`text
Cannot read manifest /srv/outrider.json: Deno may not read it; add --allow-read=/srv/outrider.json
\`\`\`

Likely: flags that were printed for another manifest, or before it was moved.

What to do: Add the flag that the message names.

Fields: \`file\`: the manifest; \`faults\`: all that was found, each with \`path\`, \`line\`, \`column\`, \`message\`,
\`hint\`; \`missingFlag\`: what to add to deno run.

### manifest_too_large

\`ManifestError\`. The file is larger than a manifest may be, so it was not read.

\`\`\`text
Cannot read manifest /srv/dump.json: larger than 1,000,000 bytes
\`\`\`

Likely: another file than was meant.

What to do: Name the manifest. A tree that large is better made in code.

Fields: \`file\`: the manifest; \`faults\`: all that was found, each with \`path\`, \`line\`, \`column\`, \`message\`,
\`hint\`.

### manifest_not_text

\`ManifestError\`. The file is binary, or text in another encoding than UTF-8.

\`\`\`text
Cannot read manifest /srv/outrider.json: line 3 is not UTF-8; save it as UTF-8
\`\`\`

Likely: another file than was meant; an editor that saves as UTF-16 or Latin-1.

What to do: Save it as UTF-8.

Fields: \`file\`: the manifest; \`faults\`: all that was found, each with \`path\`, \`line\`, \`column\`, \`message\`,
\`hint\`.

### manifest_empty

\`ManifestError\`. There is nothing in the file but space and comments.

\`\`\`text
Cannot read manifest /srv/outrider.json: there is nothing in it but space and comments
\`\`\`

Likely: a file that was created and not filled, or not saved.

What to do: Write the manifest: docs/manifest.md begins with a small one.

Fields: \`file\`: the manifest; \`faults\`: all that was found, each with \`path\`, \`line\`, \`column\`, \`message\`,
\`hint\`.

### manifest_import_failed

\`ManifestError\`. The manifest is a module, and importing it failed. The cause is what was thrown.

\`\`\`text
Cannot read manifest /srv/outrider.ts: importing it failed with TypeError: Module not found
\`\`\`

Likely: an error in the module, or in one that it imports; a local file that it imports and that Deno may not
read.

What to do: Run 'deno check' on it; 'deno info' lists what it imports, each of which needs --allow-read.

Fields: \`file\`: the manifest; \`faults\`: all that was found, each with \`path\`, \`line\`, \`column\`, \`message\`,
\`hint\`.

### manifest_invalid

\`ManifestError\`. The manifest was read, and some of it is wrong. All faults are listed at once, each with its
place.

\`\`\`text
Cannot use manifest /srv/outrider.json: 1 fault
\`\`\`

Likely: a misspelt key, a value of another type, or two settings that exclude each other.

What to do: Correct each fault; the hints say how. An editor shows them while you type: 'outrider schema'
prints what it needs.

Fields: \`file\`: the manifest; \`faults\`: all that was found, each with \`path\`, \`line\`, \`column\`, \`message\`,
\`hint\`; \`programs\`: the programs that it names all the same.

### permission_not_expressible

\`PermissionFlagError\`. A permission is needed for a value with a comma in it, at which Deno splits the values
of a flag.

\`\`\`text
Cannot grant "read" for "/srv/a,b.json": Deno splits a flag's values at commas, so move or rename it, or use a set of permissions, as 'outrider permissions FILE --format deno.json' prints it
\`\`\`

Likely: a program, folder or manifest with a comma in its path.

What to do: Move or rename it, or grant it by a set in deno.json, which 'outrider permissions FILE --format
deno.json' prints.

Fields: \`need\`: the permission.

## Templates

Why a sidecar is not started from a template, found before it would be.

### template_unknown

\`UnknownTemplateError\`. The manifest has no template of that id.

\`\`\`text
Cannot find the template "rendr" in the manifest: did you mean "render"?
\`\`\`

Likely: a misspelt id; a template that is for other platforms, and left out on this one.

What to do: Correct the id; the message has the nearest one. 'outrider check' says what is left out.

Fields: \`template\`: the id.

### argument_refused

\`ArgumentError\`. An argument breaks the template's rule for it. Nothing was started.

\`\`\`text
Cannot start "render": argument 1 is "--all"; it must be "--config"
\`\`\`

Likely: what a user entered; a rule that is stricter than was meant: it holds for the whole argument.

What to do: Give an argument that the rule allows, or change the rule in the manifest. Ask \`argsFor\` first to
tell a user.

Fields: \`template\`: its id; \`index\`: which argument, from 0; \`value\`: the argument as it may be shown: in
quotes and cut short, \`***\` for a secret; \`rule\`: the rule that it breaks, in words.

### argument_missing

\`ArgumentError\`. There are fewer arguments than the template has rules: each has exactly one. Nothing was
started.

\`\`\`text
Cannot start "render": argument 1 is missing; it takes 2 arguments, and this one must be "--config"
\`\`\`

Likely: arguments of another version of the manifest; an empty argument that was left out.

What to do: Give all arguments; an empty text is one.

Fields: \`template\`: its id; \`index\`: which argument, from 0; \`value\`: the argument as it may be shown: in
quotes and cut short, \`***\` for a secret; \`rule\`: the rule that it breaks, in words.

### argument_extra

\`ArgumentError\`. There are more arguments than the template has rules: each has exactly one. Nothing was
started.

\`\`\`text
Cannot start "render": argument 2 is "--all"; it takes 2 arguments
\`\`\`

Likely: arguments of another version of the manifest; a text that was split at its spaces.

What to do: Leave out what the template does not take, or add rules to it.

Fields: \`template\`: its id; \`index\`: which argument, from 0; \`value\`: the argument as it may be shown: in
quotes and cut short, \`***\` for a secret; \`rule\`: the rule that it breaks, in words.

## Processes

Between the runtime and a program: its start and its pipes. Those of a start are not tried again.

### program_not_found

\`ProgramNotFoundError\`. There is no program of that name where it was looked for. It is not tried again.

\`\`\`text
Cannot start "pgg": it is in none of /usr/bin, /bin; install it or correct the name
\`\`\`

Likely: the program is not installed, or its name is misspelt; the sidecar's PATH is another one: it has what
\`env\` sets, or what \`inheritEnv\` passes on; a path is relative to the manifest's folder, not to where outrider
was started.

What to do: Install it, correct the name, or give an absolute path. 'outrider check FILE' looks for all of
them.

Fields: \`program\`: as it was asked for; \`searched\`: the folders, or the one path.

### program_not_executable

\`ProgramNotExecutableError\`. The file is there, and the system refuses to run it. It is not tried again.

\`\`\`text
Cannot start "./job.sh": the system refuses to run it; make it executable (chmod +x)
\`\`\`

Likely: its mode has no x; it is a folder; the interpreter that its first line names is missing, or that line
ends in CR LF; its loader is missing, as of a program for musl on a system with glibc; it is for another
system or processor; its end is missing, as after a broken download. The message says which, where Deno may
read the file, also of a program behind a launcher, whose own exit code is then 126 or 127. If none of these:
a file system that is mounted noexec.

What to do: What the message says. Of a script, another way is to name the interpreter as the command and the
file as its argument.

Fields: \`program\`: as it was asked for.

### working_directory_missing

\`WorkingDirectoryError\`. The folder that the program was to run in does not exist, or is not a folder.

\`\`\`text
Cannot start "cat": its working directory "/srv/none" is not a folder; create it or correct cwd
\`\`\`

Likely: a misspelt \`cwd\`; a folder that something else has yet to make.

What to do: Create the folder or correct \`cwd\`, which is relative to the manifest's folder.

Fields: \`program\`; \`cwd\`: the folder.

### permission_missing

\`PermissionMissingError\`. Deno was started without a permission that the program needs, so it was not started.

\`\`\`text
Cannot start "cat": a permission is missing; add --allow-run=cat
\`\`\`

Likely: the manifest has changed since the flags were written down; a program of the same name comes first on
the PATH that the sidecar sets; there is no such program: Deno drops a name that is not on its PATH, as if its
flag were not there.

What to do: Add the flag that the message names; 'outrider permissions FILE' prints all of them. If it is
there already, install the program or correct its name, and write its arguments apart, into \`args\`.

Fields: \`program\`; \`missingFlag\`: what to add to deno run.

### secret_unreadable

\`SecretFileError\`. A variable's value stands in a file that can't be used. Nothing of it is shown; it is not
tried again.

\`\`\`text
Cannot start "db": the file /run/key for its variable KEY can't be used: No such file or directory
\`\`\`

Likely: the file is missing, or this user may not read it; it is not UTF-8 text, such as a binary key, or has
more than 65,536 bytes.

What to do: Put the value alone into the file, as text, and let this user read it.

Fields: \`variable\`: its name; \`file\`: absolute; \`why\`: what is wrong with it.

### env_file_unusable

\`EnvFileError\`. A file of variables (\`envFile\`) can't be used. Nothing of it is shown; it is not tried again.

\`\`\`text
Cannot start "web": its envFile /srv/app/.env can't be used: there is no such file
\`\`\`

Likely: the file is missing, or this user may not read it; it is not UTF-8 text, or has more than 1,048,576
bytes; it sets PATH.

What to do: Put the file there, or write \`"required": false\` beside its \`path\` where it may be missing.

### variable_unset

\`VariableUnsetError\`. A variable of the program comes from one of Outrider's own environment, which is not
set, and has no default; it is not tried again.

\`\`\`text
Cannot start "web": its variable PORT comes from WEB_PORT, which is not set here; set it for Outrider, or write a "default" beside "from"
\`\`\`

Likely: the variable was set in another shell, and not exported.

What to do: Set it where Outrider is started, or give it a default.

### program_changed

\`ProgramChangedError\`. The program's file does not have the SHA-256 that the manifest pins. It is not run, and
not tried again.

\`\`\`text
Cannot start "db": /usr/bin/db is not the pinned file: its SHA-256 is 11, not 22
\`\`\`

Likely: the program was updated, and the manifest was not; PATH leads to another file than was pinned; it was
replaced.

What to do: Find out who changed the file; if that was meant, put the new SHA-256 into \`sha256\`.

Fields: \`program\`: as it was asked for; \`file\`: what was looked at; \`expected\`, \`found\`: SHA-256 in
hexadecimal.

### program_too_large

\`ProgramTooLargeError\`. The program is pinned by its SHA-256, for which its file is read before each start,
and is larger than 1 GiB. It is not run, and not tried again.

\`\`\`text
Cannot start "llm": its SHA-256 is pinned, and /opt/llm has 4,294,967,296 bytes, more than the 1,073,741,824 that are read for that
\`\`\`

Likely: the file carries data, such as a model, that belongs beside it; another file with holes was put there,
which has any size and takes no room.

What to do: Pin a smaller program that checks the rest itself, or leave \`sha256\` out and take away others'
right to write there.

Fields: \`program\`: as it was asked for; \`file\`: what was looked at; \`size\`: in bytes.

### program_untrusted

\`ProgramUntrustedError\`. A program that an executable unpacked is not this user's own any more, or another
user could have exchanged it. It is not run, and not tried again.

\`\`\`text
Cannot start "/srv/tmp/outrider-0123456789abcdef/worker": /srv/tmp/outrider-0123456789abcdef belongs to user 1001; another user could have put it there
\`\`\`

Likely: its folder was removed while the executable ran, as cleaners of temporary folders do, and another user
made one of that name; the owner or the mode of the file, or of a folder on the way to it, was changed.

What to do: Start the executable again. Let it unpack to a folder that no cleaner and no other user may touch.

Fields: \`file\`: what was looked at; \`why\`: what is wrong with it.

### identity_refused

\`IdentityError\`. The runtime may not become the user or group that the program is to run as. It is not tried
again.

\`\`\`text
Cannot start "db" as user 1000 and group 1000: Windows has no such numbers
\`\`\`

Likely: the runtime is not root; Windows, which has no such numbers.

What to do: Run as root, or leave out \`uid\` and \`gid\`.

Fields: \`program\`: as it was asked for.

### system_refused

\`SystemRefusedError\`. The system would not start the program. It is tried again, by the rules of a restart.

\`\`\`text
Cannot start "sleep": Too many open files; raise the limit of open files (ulimit -n), of which a sidecar takes three, or run fewer sidecars
\`\`\`

Likely: too many open files: a sidecar takes three of its runtime's; too many processes of the user, or in the
container; no memory; arguments and environment that are too long together; a file that is being written.

What to do: Do what the message says: raise the limit (ulimit -n, ulimit -u), or run fewer sidecars.

Fields: \`program\`: as it was asked for; \`errno\`: the system's name for the reason, such as \`EMFILE\`, if it
told one; \`cause\`: what Deno threw.

### exit_unknown

\`ExitUnknownError\`. The process has ended, and the system did not tell how. It counts as a failure; the
sidecar is restarted by its rules.

\`\`\`text
Cannot tell how process 4711 ended: No child processes; if Outrider was started with SIGCHLD ignored, start it without that
\`\`\`

Likely: Outrider was started by a program that ignores SIGCHLD, and left it so: the system then reaps each
child unasked.

What to do: Have the program that starts Outrider set SIGCHLD to its default first.

Fields: \`pid\`: the number that it had; \`cause\`: what Deno threw.

### pipe_closed

\`PipeClosedError\`. The process takes no more on its stdin, so the message was not written.

\`\`\`text
Cannot write to process 4711: its stdin was closed
\`\`\`

Likely: it has closed its stdin, or has ended; it is being stopped.

What to do: If it should read on, look at why the program closed its stdin: its last lines on stderr may tell.

Fields: \`pid\`: the process.

### pipe_taken

\`PipeTakenError\`. The stdout of a process has one reader, and there is one already.

\`\`\`text
Cannot read stdout of process 4711: it has a reader; share what that one takes
\`\`\`

Likely: \`readStdout\` was called twice.

What to do: Share what the first reader takes.

Fields: \`pid\`: the process.

### unencodable_message

\`UnencodableMessageError\`. The protocol has no frame for this message, so it was not sent. All others are.

\`\`\`text
Cannot encode a message as lines: it contains a newline and would be two; send the lines one by one
\`\`\`

Likely: a line with a newline in it; an object that contains itself, a bigint or a function, where JSON is
spoken; text where bytes are wanted, or bytes whose buffer was transferred; a \`toJSON\`, a getter, a codec or a
hook of your own that throws: it is the cause.

What to do: Send what the protocol takes: docs/protocols.md has a table.

Fields: \`codec\`: the protocol.

## Services

Why a tree can't be the service of its machine that it is to be. Nothing was started.

### not_notified

\`ServiceError\`. Systemd can't be told by 'outrider up --notify': it has set no variable NOTIFY_SOCKET, or one
that Deno can't send to, or no RUNTIME_DIRECTORY; or Deno runs without its flag for unstable network APIs.

\`\`\`text
Cannot notify systemd: NOTIFY_SOCKET is not set; --notify is for a unit of Type=notify
\`\`\`

Likely: 'outrider up --notify' outside of a unit; a unit written by hand.

What to do: Make the unit by 'outrider unit FILE', or leave out that option.

### bad_address

\`ServiceError\`. What 'outrider up --http' was given is not an address.

\`\`\`text
Cannot listen at 8080: expected an address such as 127.0.0.1:8080
\`\`\`

Likely: a port alone; a URL.

What to do: Write an address and a port, with a colon between them; without an address it is all of them.

### address_in_use

\`ServiceError\`. Another process listens at the address that 'outrider up --http' was given.

\`\`\`text
Cannot listen at 127.0.0.1:8080: another process does; choose another address for --http
\`\`\`

Likely: another run, or another program, at that port.

What to do: Choose another port, or end the other one.

## Containment

What keeps a run from being contained, found before anything starts.

### already_running

\`ContainmentError\`. Another runtime runs this manifest, under whatever name it was given; or another run of
this program has the tree that it launches with exclusive: true. Nothing was started.

\`\`\`text
Cannot start /srv/shop/outrider.json: process 4711 has been running it since 2026-01-01T12:00:00.000Z; stop that one, or add --take-over
\`\`\`

Likely: a second terminal; a service that runs it.

What to do: Stop the other one. outrider up --take-over stops it first; a program that leaves out exclusive
runs beside it.

Fields: \`pid\`: the process of the other runtime.

### not_taken_over

\`ContainmentError\`. The other runtime was asked to stop, and then killed, and is still there; or it may not be
signalled; or it is not sure that the process with the number in its lock is that runtime.

\`\`\`text
Cannot take over from process 4711: it is still there after SIGKILL
\`\`\`

Likely: a runtime of another user; a runtime in another container, or on another machine, that shares the
folder for ledgers; a runtime without --allow-run=ps, or of an earlier version: it does not write down when it
started; a permission that is missing: --allow-run=kill,ps, or the folder in which it is on record.

What to do: Stop the other one by hand, or start with what 'outrider permissions FILE --contain' prints.

Fields: \`pid\`: the process of the other runtime.

### unsafe_state

\`ContainmentError\`. A lock or a ledger in the folder for ledgers is a link, or not a file, or belongs to
another user. It was neither read nor written, and nothing was started.

\`\`\`text
Cannot use /home/ann/.local/state/outrider/outrider.json-0123456789abcdef.lock: it is a link; remove it
\`\`\`

Likely: a file that was put there; a folder that was copied or restored by another user.

What to do: Look at the file, and remove it.

## Log files

What keeps a [log file](output.md#log-files) from being written, found before anything starts.

### log_file_taken

\`LogFileError\`. Another run, or another log of the same tree, writes to this file. Nothing was started.

\`\`\`text
Cannot write the log /srv/shop/logs/web.log: another run, or another log of this one, writes to it; stop that one, or name another file
\`\`\`

Likely: a second manifest that names the same file; a program and a manifest that do; two children with the
same file.

What to do: Give each its own file, or one log with a folder.

Fields: \`file\`: the log file.

### log_file_unusable

\`LogFileError\`. The file can't be opened, or is not safe to write to: it is a link, or not a file, or it is
another user's, or others could put another one in its place. Nothing was started, and nothing was written to
it.

\`\`\`text
Cannot write the log /tmp/web.log: it is a link; name the file that it leads to, or remove it
\`\`\`

Likely: a folder that is missing; a folder that all users may write to; a file that another user has made.

What to do: Name a file in a folder of your own, or make that folder.

Fields: \`file\`: the log file.

## Trees

Why a tree did not start, or could not go on.

### start_failed

\`StartError\`, \`Refusal\`. A child could not be started. When the tree starts that is final: what had started is
stopped again, in reverse order. The cause says why.

\`\`\`text
Cannot start 'workers/w1': the system refuses it
\`\`\`

Likely: the program is missing; it ended before it was ready; it was not ready in time.

What to do: Look at the cause; its own code is explained here too.

Fields: \`path\`: the child.

### start_timeout

\`StartTimeoutError\`. A child was not ready within the time that its start may take, and was stopped. Of a
language or MCP server it also says that there was no reply to "initialize", what came instead, and the last
words on stderr.

\`\`\`text
Cannot wait longer for 'db': it was not ready within 90000 ms
\`\`\`

Likely: its start waits for something that does not come; \`startWithin\` is too short.

What to do: Look at what it waits for, or give it longer: \`startWithin\`.

### start_cancelled

\`StartCancelledError\`. The child, or what it is part of, was stopped while it was starting.

\`\`\`text
Cannot start 'db': told to stop before it was ready
\`\`\`

Likely: a signal, or a stop, during the start; another child of the group failed to start.

What to do: Nothing, if that was meant.

Fields: \`path\`: the child, or \`/\` for the tree.

### dependency_failed

\`DependencyFailedError\`. What the child starts after is not, or never will be, as the dependency wants it.

\`\`\`text
Cannot go on: it starts after 'migrate', which failed: the process of 'migrate' exited with code 3
\`\`\`

Likely: a job that had to end with exit code 0 failed; a child that is added while the tree runs depends on
one that does not run: it is not waited for.

What to do: See why that sibling failed, or depend on a weaker condition.

Fields: \`dependency\`: the sibling.

### gave_up

\`GaveUpError\`. A supervisor had more restarts than its intensity allows. It has stopped its children and
ended; at the root, the tree ends. Or a child with a budget of its own had more, and is in quarantine. The
cause is the failure that was one too many.

\`\`\`text
Cannot keep 'workers' running: more than 5 restarts within 60000 ms: exit code 1
\`\`\`

Likely: a child fails again and again for a lasting reason: a configuration, a port in use, a service that is
down; an \`intensity\` that is too small for what is normal here; a program that does its work and ends with 0,
and is started again for that, as its \`restart\` is \`permanent\`.

What to do: Deal with the cause. A program that is to run once has \`"restart": "temporary"\`, or
\`"restart": "transient"\` if it is to be tried again when it fails. Where one child must not take the others
along, use \`onLimit.quarantine\` or a supervisor of its own; 'outrider explain FILE CHILD' shows what would
happen.

Fields: \`path\`: the supervisor, or the child.

### stop_overdue

\`StopOverdueError\`. A tree was told to stop, and some of its children had not ended by its deadline. They were
ended by force; 'outrider up' exits with 1.

\`\`\`text
Cannot wait any longer for db, web: the stop had 90 s
\`\`\`

Likely: a program that does not end at its stop signal, and has a long \`stop.term\`; a \`stopWithin\`, an
'outrider up --stop-within' or a \`stopDeadline\` shorter than the stop takes.

What to do: Give the stop more time, or the program a signal that it ends at (\`stop.signal\`). 'outrider check
FILE' says how long a stop may take.

Fields: \`children\`: their paths; \`within\`: the deadline in ms.

## Requests to supervisors

\`SupervisionError\`: what a supervisor was asked for and refused. Nothing was changed.

### duplicate_id

\`SupervisionError\`. Two children of one supervisor have the same id.

\`\`\`text
Cannot supervise two children of the same id 'w1' in 'workers'
\`\`\`

Likely: a child that was copied and not renamed.

What to do: Give one of them another id.

### bad_combination

\`SupervisionError\`. A significant child is permanent, or its supervisor has no \`autoShutdown\`.

\`\`\`text
Cannot supervise 'job': a significant child is transient or temporary, and its supervisor has an autoShutdown
\`\`\`

Likely: \`significant\` without the settings that give it a meaning.

What to do: Make the child \`transient\` or \`temporary\` and set \`autoShutdown\`, or take \`significant\` away.

### not_found

\`SupervisionError\`, \`Refusal\`. The supervisor has no child of that id.

\`\`\`text
Cannot find 'w9' in '/workers': its children are w1, w2
\`\`\`

Likely: a misspelt id; a temporary or dynamic child that has ended: it is forgotten.

What to do: Use one of the ids that the message lists.

### no_supervisor

\`SupervisionError\`, \`Refusal\`. There is no supervisor at that path that takes requests.

\`\`\`text
Cannot reach 'workers': no supervisor runs there
\`\`\`

Likely: a misspelt path; it has ended, waits for a restart, or is about to stop; it is the root, whose path is
"/": its id is in no path.

What to do: See what runs: 'outrider ps FILE', or \`system.status()\`.

### running

\`SupervisionError\`, \`Refusal\`. The child runs or is starting, and what was asked for is for one that does not.

\`\`\`text
Cannot restart 'db': it is running; terminate it first
\`\`\`

Likely: \`restartChild\` or \`deleteChild\` of a child that runs.

What to do: Terminate it first.

### restarting

\`SupervisionError\`, \`Refusal\`. The child waits for its next start, which its supervisor has planned already.

\`\`\`text
Cannot restart 'db': it is about to be started again
\`\`\`

Likely: a request between a crash and the restart.

What to do: Wait for the start, or terminate the child first.

### already_started

\`SupervisionError\`. A child of that id runs already.

\`\`\`text
Cannot start a second 'db': delete the first, or start that again
\`\`\`

Likely: \`startChild\` twice with the same id.

What to do: Choose another id, or stop and delete the one that runs.

### already_present

\`SupervisionError\`. A child of that id is known to its supervisor, and does not run.

\`\`\`text
Cannot start a second 'db': delete the first, or start that again
\`\`\`

Likely: \`startChild\` for a child that was terminated, and not deleted.

What to do: Start that one again with \`restartChild\`, or delete it first with \`deleteChild\`.

### unknown_dependency

\`SupervisionError\`. A child is to start after one that its supervisor does not have.

\`\`\`text
Cannot start 'api' after 'dbb': it has no sibling 'dbb'; its siblings are db, cache
\`\`\`

Likely: a misspelt id; a child of another group, which is named by its path, such as \`../infra/db\`.

What to do: Name a sibling by its id, or another child by its path from the list that the child stands in.

### dependency_cycle

\`SupervisionError\`. Children wait for each other, so none of them could ever start.

\`\`\`text
Cannot start api → db → api: each waits for the next
\`\`\`

Likely: \`after\`, in a circle.

What to do: Take one of the dependencies away.

### dynamic

\`SupervisionError\`, \`Refusal\`. A dynamic supervisor can't do that: it forgets children that do not run.

\`\`\`text
Cannot restart 'w3': 'workers' forgets children that do not run
\`\`\`

Likely: \`restartChild\` or \`deleteChild\` under a dynamic supervisor; a restart of a child that was added by
code.

What to do: Terminate the child, and add it again with \`startChild\`.

### max_children

\`SupervisionError\`. The dynamic supervisor has as many children as it may, and, with \`overflow: "queue"\`, as
many starts wait for their turn as may, so no other was added.

\`\`\`text
Cannot start 'w101': 'workers' has 100 children
\`\`\`

Likely: children that are added faster than they end; a small \`maxChildren\`.

What to do: Wait until one has ended, say \`overflow: "queue"\`, or raise \`maxChildren\`, or \`maxQueued\`.

## Actors

Between the sender of a message and its actor.

### mailbox_full

\`MailboxFullError\`. The actor's mailbox took no more, so the message was refused. A tell is a dead letter as
well.

\`\`\`text
Cannot send to 'db': its mailbox is full (1000 messages)
\`\`\`

Likely: messages come faster than the actor handles them; a sidecar does not read its stdin; \`tell\` is called
in a loop and its promise is not awaited.

What to do: Await the promise that \`tell\` returns, ask less at a time, or run copies of the actor in a pool. A
larger \`mailbox.capacity\` helps with bursts only.

Fields: \`path\`: the actor; \`refused\`: the message.

### message_dropped

\`MessageDroppedError\`. The mailbox was full, and its overflow policy dropped this ask before the actor saw it.

\`\`\`text
Cannot answer: the mailbox of 'db' was full and dropped the message (drop-oldest)
\`\`\`

Likely: messages come faster than the actor handles them, and \`mailbox.overflow\` is \`drop-oldest\` or
\`drop-newest\`.

What to do: Set \`mailbox.overflow\` to \`wait\` where no ask may be lost, or ask again.

Fields: \`path\`: the actor.

### actor_stopped

\`ActorStoppedError\`. The actor has ended and is not started again by itself, so no message reaches it.

\`\`\`text
Cannot reach 'db': it ended (crash) before it was ready
\`\`\`

Likely: it, or the supervisor above it, was stopped or gave up; it ended for good, as its restart type allows;
it is held in quarantine.

What to do: See how it ended: in the timeline, in 'outrider ps FILE', or in the cause. Start it again by hand,
or correct its \`restart\`.

Fields: \`path\`: the actor.

### ask_timeout

\`AskTimeoutError\`. No reply came within the time that the caller gave. The actor may still be at it; a reply
that comes later is a dead letter.

\`\`\`text
Cannot wait longer for 'db': no reply within 5000 ms
\`\`\`

Likely: the actor takes longer than that, or waits for something itself; the message still waits in the
mailbox behind others; a sidecar holds its output back because stdout is not a terminal: the message then says
that nothing came on stdout since its start; replies come in order, and it has not answered an earlier
request: the message then names that; it does not answer, or answers in another form than its protocol has:
the message then says what was dropped since.

What to do: Give a longer \`timeout\`, or look at what the actor does: \`generation\` 0 means that it has not
begun with the message. Have a program write at once, as with PYTHONUNBUFFERED=1 in \`env\`, stdbuf before it,
or a flush after each reply.

Fields: \`path\`: the actor; \`timeout\`: in ms; \`generation\`: which incarnation had it, 0 if none had; \`dropped\`:
what the incarnation dropped since.

### incarnation_ended

\`IncarnationEndedError\`. The incarnation that had the message ended before it replied. Whether it did what was
asked is not known. The cause says of what it ended.

\`\`\`text
Cannot answer: 'db' (generation 2) ended before it replied: killed
\`\`\`

Likely: the process of the sidecar died, or the actor's handler threw; it was stopped or restarted while it
was at work.

What to do: Look at the cause. Ask again where doing it twice does no harm, or let the message be replayed:
\`"onDeath": "replay"\`.

Fields: \`path\`: the actor; \`generation\`: which incarnation; \`exit\`: how it ended; \`attempts\`: how many
incarnations have had the message.

### unknown_actor

\`UnknownActorError\`. There is no actor at that path in the tree, or the spec stands at several places.

\`\`\`text
Cannot find an actor at 'dbb': the tree has db, workers/w1
\`\`\`

Likely: a misspelt path; the id without the supervisors above it: workers/w1, not w1.

What to do: Use one of the paths that the message lists.

Fields: \`path\`: as it was asked for.

### subscription_lagged

\`SubscriptionLaggedError\`. The publisher ran so far ahead of this subscriber that its buffer reached its hard
limit. The subscription ends with this, behind what is unread.

\`\`\`text
Cannot follow 'db': 262144 messages lie unread and its publisher does not wait
\`\`\`

Likely: the reader of the subscription is slow, or has stopped reading without closing it.

What to do: Read faster, close subscriptions that are not read, or subscribe with larger bounds.

Fields: \`path\`: the publisher.

### message_refused

\`MessageRefusedError\`. This actor takes no such message.

\`\`\`text
Cannot ask 'clock': a ticker takes no messages
\`\`\`

Likely: an ask to a ticker, or to a supervisor, which take none; a message to a filter, which is given jobs
with \`runFilter\`.

What to do: Send it to the actor that it is meant for.

Fields: \`path\`: the actor.

### invalid_option

\`OptionError\`. An option or argument that was given in code can't be. The message names it and says what it
takes.

\`\`\`text
Cannot make a mailbox for 'db': capacity must be a whole number from 1, got 0
\`\`\`

Likely: a number out of range, an id with a slash in it, or two options that exclude each other.

What to do: Correct the call. Nothing was started or changed.

### thrown_value

\`ThrownValueError\`. Something was thrown, or a promise rejected, with a value that is not an Error, or one
whose message can't be read. The value is the cause.

\`\`\`text
Cannot go on: undefined was thrown
\`\`\`

Likely: code such as throw "text", or reject() without a reason; an error whose message is a getter that
throws.

What to do: Throw an Error there: it has a stack that tells where.

## Sidecars

How a sidecar fails, and what it can't be asked.

### sidecar_exited

\`SidecarExitedError\`. The process ended unasked, with another exit code than 0 or by a signal.

\`\`\`text
Cannot go on: the process of 'db' exited with code 1, its last words: no such table
\`\`\`

Likely: the program failed: its last words on stderr say more; SIGKILL: out of memory, or another process
ended it; SIGSEGV and its like: a fault of the program.

What to do: Run the program by hand, in the same folder and with the same environment. List an exit code that
is not a failure in \`restart.prevent\` (in code \`rules.prevent\`): it is not restarted after that one.

Fields: \`exitCode\`; \`signal\`: if one ended it; \`stderrTail\`: its last lines on stderr, oldest first, with the
head of a longer trace before them; \`lastWords\`: the cause in them: what a trace of Node, Deno, Python, Rust,
Go, Java or the like is about, else the last of them, behind an earlier one where only that tells.

### sidecar_not_ready

\`SidecarNotReadyError\`. What readiness waits for did not come, so the start failed and the process was ended.

\`\`\`text
Cannot use 'db': it did not get ready within 30000 ms; no line on stdout matched "ready"; nothing came there; a program may hold its output back where stdout is not a terminal: PYTHONUNBUFFERED=1, 'stdbuf -oL' or an option of its own helps
\`\`\`

Likely: the pattern of \`ready\` does not match the line that the program prints, or it prints to the other
stream; the program holds its output back because stdout is not a terminal; it takes longer than
\`ready.within\`; its startup or readiness probe did not succeed in time: then the message says which, and why;
it ended first: then the cause says how.

What to do: See what it prints: 'outrider up FILE' shows lines of stderr, and of stdout where no protocol is
spoken. Correct the pattern, or give it longer. Have the program write at once, as with PYTHONUNBUFFERED=1 in
\`env\` or stdbuf before it. For a probe, try the same check by hand while the program runs; \`failureThreshold\`
times \`period\` is how long it has.

Fields: \`stderrTail\`: its last lines on stderr, oldest first; \`awaited\`: if it waited for a line, the \`stream\`
and the \`pattern\`, the last \`lines\` there, and the \`unfinished\` one.

### sidecar_probe_failed

\`SidecarProbeError\`. One check of a probe failed. It is the cause of what follows from it, if anything does.

\`\`\`text
Cannot pass the readiness probe of 'api': GET /healthz gave 503
\`\`\`

Likely: what the message says: a status, a refused connection, an exit code, a time that is over.

What to do: Try the same check by hand while the sidecar runs. docs/probes.md has every kind.

Fields: \`probe\`: which one; \`why\`: as a clause.

### sidecar_unhealthy

\`SidecarUnhealthyError\`. The liveness probe failed too often in a row, so the process was ended. The last
failure is the cause.

\`\`\`text
Cannot go on: the liveness probe of 'api' failed 3 times in a row, at last: GET /healthz gave 503
\`\`\`

Likely: the program hangs; the machine is so busy that the check takes longer than \`probes.liveness.timeout\`;
a probe that asks for what is not up yet: a startup probe holds it back until then.

What to do: Look at the cause. Where it was only slow, raise \`probes.liveness.timeout\` or
\`probes.liveness.failureThreshold\`.

Fields: \`stderrTail\`: its last lines on stderr, oldest first.

### sidecar_protocol

\`SidecarProtocolError\`. The sidecar wrote what its protocol does not allow, and is strict; or its reply was
lost to that.

\`\`\`text
Cannot read what 'db' wrote: not_json, 14 bytes: WARN: not json
\`\`\`

Likely: the program prints log lines to stdout; a frame longer than \`maxFrame\`; a program that speaks another
protocol; a JSON-RPC reply with neither a result nor an error.

What to do: Let it log to stderr. Where stray output is harmless, \`"strict": false\` drops and reports it.
Where messages are longer, set \`maxFrame\` higher, which is also what a sidecar can have Outrider hold.

Fields: \`fault\`: its kind, its size and a sample.

### sidecar_deaf

\`SidecarDeafError\`. The sidecar asks and does not read the answers, so it was ended before they fill the
memory.

\`\`\`text
Cannot answer 'db': it does not read its stdin, where 8388608 bytes of answers wait
\`\`\`

Likely: a program that writes requests and never reads its stdin.

What to do: Let the program read while it writes.

Fields: \`unread\`: bytes.

### sidecar_output_cut

\`SidecarOutputCutError\`. The process ended well, but another that it had started still held its stdout.
Whether all of its output came is not known.

\`\`\`text
Cannot read all that 'convert' wrote: its process has ended, and 2000 ms later another still held its stdout
\`\`\`

Likely: a program that leaves a process in the background.

What to do: Let it wait for what it starts, or start that with an stdout of its own.

### sidecar_schema

\`SidecarSchemaError\`. A message to or from the sidecar is not what its schema says. One to it was not sent.

\`\`\`text
Cannot use this reply of 'db': total: expected a number: {"total":"7"}
\`\`\`

Likely: a caller, or a program, of another version than the schema; a schema that throws, or that answers with
a promise: the cause tells.

What to do: Correct the message or the schema; the issues name every field.

Fields: \`role\`: which message; \`field\`: the first that is wrong; \`issues\`: all that is wrong; \`sample\`: its
beginning.

### sidecar_hung

\`SidecarHungError\`. A request whose caller gave up was not answered within the time that \`whenGivenUp\` gives
it, so the process was ended.

\`\`\`text
Cannot go on: 'db' owes a reply, 10000 ms after its caller gave up
\`\`\`

Likely: the program hangs; or it has no answer to such a request.

What to do: See what it was asked. Give the late reply longer, or its callers: \`timeout\`.

Fields: \`stderrTail\`: its last lines on stderr.

### sidecar_over_limit

\`SidecarOverLimitError\`. The sidecar, with all that it started, used more than its limits allow, for longer
than they allow.

\`\`\`text
Cannot go on: 'db' used 250 MB, for 5.2 s more than the 200 MB that its limits allow
\`\`\`

Likely: a leak; more work than was thought, such as a larger message; a limit that is too low.

What to do: It is restarted, as its \`restart\` says. Look at what it did, or raise \`limits.memory\` or
\`limits.cpu\`.

Fields: \`excess\`: which limit, what it allows, what was used, for how long; \`stderrTail\`: its last lines on
stderr, oldest first.

### sidecar_mute

\`SidecarMuteError\`. The sidecar closed its stdout and lives on: it takes messages, and can answer none.

\`\`\`text
Cannot get a reply from 'db': it closed its stdout and runs on; restart it, or only tell
\`\`\`

Likely: a program that closes its standard output or hands it away; a worker thread of it that died.

What to do: Restart it, or find out in the program what closed its stdout.

### sidecar_no_replies

\`SidecarNoRepliesError\`. The sidecar was asked, and its protocol has no replies; or it was asked or told
something, and has no protocol.

\`\`\`text
Cannot talk to 'clock': it has no protocol; give it one, such as protocol: "lines"
\`\`\`

Likely: a sidecar without \`protocol\`; a protocol such as \`bytes\`, which says nothing of replies.

What to do: Give it a \`protocol\` with replies, or use \`tell\` and \`subscribe\`.

### sidecar_too_many_asks

\`SidecarTooManyAsksError\`. More asks are unanswered than are kept account of, so this one was refused.

\`\`\`text
Cannot ask 'db': 65536 asks are unanswered; ask less at a time or set timeouts
\`\`\`

Likely: asks without a \`timeout\` to a sidecar that does not answer.

What to do: Ask less at a time, and give each ask a \`timeout\`.

### worker_threw

\`WorkerThrewError\`. A handler of the Deno worker threw. The cause has its name, message and stack.

\`\`\`text
Cannot do 'square' in 'workers/w1': RangeError: too far
\`\`\`

Likely: a fault in the handler, or arguments that it does not take; NotCapable: the worker has only what its
option \`permissions\` grants.

What to do: Look at the cause's stack, which is from the worker's own code.

Fields: \`call\`: the handler.

### pattern_unsupported

\`PatternError\`. A regular expression that lines of a sidecar are searched for has a part that can't be matched
in linear time.

\`\`\`text
Cannot search lines for that pattern: a lookahead, \`(?=…)\`, is not supported, as it can't be matched in linear time; a line only has to contain the pattern, so leave it out, or match more of the line
\`\`\`

Likely: a lookahead or lookbehind, a backreference, or repetitions that are too many when written out.

What to do: Leave that part out, or match more of the line: a line only has to contain the pattern. The
message for a manifest or an option says where it stands.

### mcp_version

\`McpVersionError\`. The MCP server speaks no revision of the protocol that we do, so its start failed.

\`\`\`text
Cannot speak with a server that offers 2023-01-01: it takes one of 2025-06-18
\`\`\`

Likely: a server that is much older or newer; an option \`versions\` that is too narrow.

What to do: Use another version of the server, or name its revision in \`versions\` if that is enough for you.

Fields: \`offered\`: what the server wants, or a list of what it supports; \`versions\`: what we speak.

### lsp_capabilities

\`LspCapabilitiesError\`. The language server's answer to initialize does not tell what it can do, so its start
failed.

\`\`\`text
Cannot work with a server that does not tell its capabilities: null
\`\`\`

Likely: a program that speaks JSON-RPC and is not a language server.

What to do: Name the server's program and arguments; many want --stdio.

Fields: \`sample\`: the beginning of its answer.

### lsp_method

\`LspMethodError\`. A language server was to be asked for something that it does not declare; nothing was sent.

\`\`\`text
Cannot ask for textDocument/rename: the server does not have the capability renameProvider; its answer to initialize shows what it has
\`\`\`

Likely: another server than the one you had in mind, a capability that depends on its settings or its version,
or one that a client has to declare, such as \`dynamicRegistration\`.

What to do: Ask for "initialize", and see what the server's \`capabilities\` are; change its \`settings\`, or
declare what it waits for in \`capabilities\`.

Fields: \`method\`: what it was asked for; \`capability\`: what it needs for that.

### mcp_pages

\`McpPagesError\`. The list of an MCP server's tools does not end: it names a page that was read already, or has
more than 1,000.

\`\`\`text
Cannot list the tools of 'tools': after 2 pages the list does not end
\`\`\`

Likely: a server that does not look at the cursor, and answers each request with the same page.

What to do: Ask for the pages yourself, by a request tools/list with the cursor of each, as far as they make
sense; tell the server's maker.

### session_over

\`SessionOverError\`. The session of an MCP or language server can't go on: the process that was started for the
one that has ended speaks another revision, or the session was closed before. The transport closes; the
process that speaks another revision runs on.

\`\`\`text
Cannot go on: the server has spoken 2025-11-25, and speaks 2026-07-28 since it was started again; connect anew
\`\`\`

Likely: the server was replaced by another version while it ran; a message sent after \`close\`.

What to do: Make another transport, and connect a new client with it.

### session_loss

\`SessionLossError\`. A server that was started again lacks what the client has agreed with an earlier process
of it. The session goes on; the transport's \`onerror\` gets this.

\`\`\`text
Cannot do all that the client has agreed: the server was started again without resources.subscribe
\`\`\`

Likely: the server was replaced by another version while it ran, or depends on what it finds at its start.

What to do: Connect anew if the client needs what is missing.

Fields: \`missing\`: the capabilities, by path, and the requests that the server refuses now.

### session_ask

\`SessionAskError\`. The child of an \`mcpSession\` or \`lspSession\` was asked by its ref. It passes on what its
own client asks, and no answer would find another caller.

\`\`\`text
Cannot ask 'files': its session passes on what its own client asks; ask through its transport
\`\`\`

Likely: code that was written for \`mcp()\` or \`lsp()\`, whose refs are asked.

What to do: Ask through the client that has the transport, or make the child with \`mcp()\` or \`lsp()\`.

### session_held

\`SessionHeldError\`. The server has ended and is not there for a while: it has failed too often and is in
quarantine, or was stopped. The message says until when, and why. What is sent meanwhile fails; when it is
started again the session goes on. The transport's \`onerror\` gets this.

\`\`\`text
Cannot go on with 'files' yet: it is in quarantine for 30 s, and is then started again: Cannot keep 'files' running: more than 5 restarts within 180000 ms: the process of 'files' exited with code 1
\`\`\`

Likely: a server that crashes at once, see 'outrider why CHILD'.

What to do: Mend the cause; 'outrider restart CHILD' starts it at once.

### hello_answer

\`HelloAnswerError\`. A server of JSON-RPC has answered a request of \`hello\` in its manifest, and not with what
is expected there, so its start failed.

\`\`\`text
Cannot take the answer to "initialize" for what "hello" expects: result.protocolVersion is 2, not 1
\`\`\`

Likely: a server of another version, or another server.

What to do: Use a version of the server that answers so; or correct \`expect\`, which names what has to be in
the result and nothing else, or leave it out.

Fields: \`method\`: the request; \`place\`: where the answer differs.

## Pools

Requests to pools.

### no_pool

\`PoolError\`, \`Refusal\`. There is no pool at that path, or it has ended.

\`\`\`text
Cannot reach the pool 'workers': none runs there
\`\`\`

Likely: a misspelt path; a request before the tree has started, or after it has ended.

What to do: Use the path of the pool itself, such as workers, not that of a copy.

Fields: \`path\`: as it was asked for.

### not_replaced

\`PoolError\`, \`Refusal\`. A new copy did not get ready, so replacing the copies stopped there. The old copies
that are left go on; the cause says why.

\`\`\`text
Cannot replace 'workers/2': it is told to stop
\`\`\`

Likely: the new version does not start; the pool was stopped meanwhile.

What to do: Deal with the cause, then replace again.

Fields: \`path\`: the copy; \`replaced\`: the copies that are new by then.

## JSON-RPC

\`JsonRpcError\` has a number as its code, from the server or for it. Others than these are the server's own:
see its documentation.

### -32600

\`JsonRpcError\`. A request that is not one by the rules of JSON-RPC, such as one of the sidecar whose \`id\` is
an object: it was answered with this, under the \`id\` null, and reached no handler.

\`\`\`text
Invalid request: an id is a string, a number or null
\`\`\`

Likely: a program that makes its messages by hand.

What to do: Have it number its requests with strings or numbers.

Fields: \`data\`: what came with it.

### -32601

\`JsonRpcError\`. The one who was asked has no such method.

\`\`\`text
Method not found: textDocument/hover
\`\`\`

Likely: a misspelt method; a server that does not have it, or not in this state.

What to do: See what the server says it can do, in its answer to initialize.

Fields: \`data\`: what came with it.

### -32602

\`JsonRpcError\`. The params are not what the method takes.

\`\`\`text
Invalid params
\`\`\`

Likely: a field that is missing, or of another type.

What to do: Compare with the server's documentation; \`data\` may say more.

Fields: \`data\`: what came with it.

### -32603

\`JsonRpcError\`. The one who was asked failed at it: for a handler of yours, it threw.

\`\`\`text
Internal error
\`\`\`

Likely: a fault in the handler, or in the server.

What to do: Look at the message, and at the server's stderr.

Fields: \`data\`: what came with it.

### -32000

\`JsonRpcError\`. The sidecar asks more at once than is handled at a time, so this request of it was refused.

\`\`\`text
Too many requests at once: 256 are being handled
\`\`\`

Likely: a program that sends requests without waiting for answers; handlers of yours that take long.

What to do: Let the program ask less at a time, or the handlers answer sooner.

Fields: \`data\`: what came with it.

### -32800

\`JsonRpcError\`. A request of a language server, or to it, was taken back before it was answered.

\`\`\`text
Request cancelled
\`\`\`

Likely: an ask that was aborted or timed out, a newer request that made it needless.

What to do: Nothing, if that was meant.

Fields: \`data\`: what came with it.

## Control sockets

Why a control socket can't be had or used.

### unsupported

\`ControlError\`, \`Refusal\`. This platform has no control sockets, or not the signal that was to be sent.

\`\`\`text
Cannot use a control socket: Windows has none that Deno can use
\`\`\`

Likely: Windows: Deno can't use Unix sockets there.

What to do: Run without --control.

### bad_path

\`ControlError\`. No socket can be at that path: it is too long, or its folder is missing.

\`\`\`text
Cannot listen at /run/app/s: there is no folder /run/app
\`\`\`

Likely: a deep folder: the system allows about 100 bytes; a folder that has yet to be made.

What to do: Choose a short path in a folder that is there and yours, such as one in $XDG_RUNTIME_DIR.

### not_a_socket

\`ControlError\`. There is something else at the path, and it was left alone.

\`\`\`text
Cannot listen at /run/app.sock: there is something else; remove it, or choose another path
\`\`\`

Likely: a file of that name.

What to do: Remove it, or choose another path.

### in_use

\`ControlError\`. Another runtime listens at the path.

\`\`\`text
Cannot listen at /run/app.sock: another runtime does; stop that one, or choose another path
\`\`\`

Likely: the same tree runs already.

What to do: Stop that one, or choose another path.

### not_private

\`ControlError\`. Others could connect to the socket, or put another in its place, or it is another user's; so
it was not opened.

\`\`\`text
Cannot listen at /srv/s: another user could put another socket in its place, as others may write to /srv (mode 0777); choose a folder of your own
\`\`\`

Likely: a folder on the way that another user owns, or that others may write to; a client that is run by
another user than the runtime, root included; a umask that lets others in, in a folder that they may enter; a
file system without modes.

What to do: Choose a folder that only you may enter, or start under 'umask 077'.

### unreachable

\`ControlError\`. Nothing listens there, or this user may not connect.

\`\`\`text
Cannot reach a runtime at /run/app.sock: there is no such socket
\`\`\`

Likely: the tree has ended, or was started without permission for a socket; another path than it was given;
the runtime of another user.

What to do: Start it with 'outrider up FILE --control SOCKET', and name the same path here.

### no_answer

\`ControlError\`. The runtime took the connection and did not answer in time, or ended before it did. What was
asked for may still be done.

\`\`\`text
Cannot get an answer from the runtime at /run/app.sock: it did not within 5000 ms
\`\`\`

Likely: a start or a stop that takes longer than --timeout; a runtime that is stopped by SIGSTOP, or hangs.

What to do: See how it stands with 'outrider ps FILE', or wait longer: --timeout.

### bad_reply

\`ControlError\`. What answers at the socket does not speak the protocol.

\`\`\`text
Cannot understand what answers at /run/app.sock: it is not Outrider, or one of another version
\`\`\`

Likely: the socket of another program; an Outrider of another version.

What to do: Name the socket that 'outrider up --control' was given; use the same version for both.

### refused

\`ControlError\`. The runtime answered no. \`refusal\` has the code of why, which is explained here too.

\`\`\`text
Cannot find 'w9' in '/workers': its children are w1, w2
\`\`\`

Likely: see the refusal.

What to do: See the refusal.

Fields: \`refusal\`: the code that the runtime gave.

### line_too_long

\`LineTooLongError\`. The other side of the connection sent a line that is longer than a request or reply may
be.

\`\`\`text
Cannot take a line of more than 16384 bytes
\`\`\`

Likely: another program than Outrider.

What to do: Connect to the right socket.

## Refused requests

What a runtime answers over its control socket in place of a result; clients have it as \`refusal\` of a
\`ControlError\`. Those of supervisors come there too.

### bad_request

\`Refusal\`. The request is not a JSON object on one line, or has an unknown method or field. The connection
stays.

\`\`\`text
Cannot read the request: it is not one JSON object a line
\`\`\`

Likely: a client of one's own; a client of a newer version.

What to do: docs/control.md has all requests.

### too_long

\`Refusal\`. The request is longer than a request may be, and the connection was closed.

\`\`\`text
Cannot take a request of more than 4194304 bytes
\`\`\`

Likely: a client of one's own that sends no newline.

What to do: End each request with a newline.

### busy

\`Refusal\`. The runtime has as many connections or requests as it takes, or a restart of that child is under
way.

\`\`\`text
Cannot restart 'db': a restart of it is under way
\`\`\`

Likely: a second restart of the same child; clients that do not close their connections.

What to do: Try again later.

### no_process

\`Refusal\`. A signal was to be sent to a child that has no process now.

\`\`\`text
Cannot signal 'db': it has no process now
\`\`\`

Likely: it is stopped, waits for a restart, or is a group.

What to do: See how it stands with 'outrider ps', and start it.

### never

\`Refusal\`. What is waited for will not be so by itself.

\`\`\`text
Cannot wait for 'db' to be ready: it is stopped, and only a request starts it
\`\`\`

Likely: a child that was stopped by hand, a job that failed for good, a child in a quarantine without
\`coolDown\`, or one that waits for such a child.

What to do: Start it with 'outrider start CHILD'.

### temporary

\`Refusal\`. A temporary child that runs can't be restarted: once it has stopped, its supervisor has forgotten
it.

\`\`\`text
Cannot restart 'job': it is temporary, so its supervisor forgets it when it stops
\`\`\`

Likely: a restart of a temporary child.

What to do: Make it \`transient\` if it is to be restarted by hand.

### internal

\`Refusal\`. The runtime failed to carry out the request for a reason that it has no code for.

\`\`\`text
Cannot go on: undefined was thrown
\`\`\`

Likely: a fault of Outrider.

What to do: Report it, with the message and the timeline of that moment.

## Executables

\`outrider compile\`, and the start of what it made.

### no_compiler

\`CompileError\`. This Outrider is a compiled program itself, and has no deno in it that could compile.

\`\`\`text
Cannot compile: this is a compiled program; run Outrider with deno
\`\`\`

Likely: an outrider that was made with deno compile.

What to do: Run Outrider with deno: deno task outrider compile FILE -o NAME.

### embed_unreadable

\`CompileError\`. A program that is to be embedded can't be read, so nothing was made.

\`\`\`text
Cannot embed /srv/app/worker: No such file or directory (os error 2)
\`\`\`

Likely: it has yet to be built; a misspelt path; its mode does not let this user read it; it has more than 1
GiB.

What to do: Build the program first, or correct its path in the manifest.

### embed_not_pinned

\`CompileError\`. A program that is to be embedded is not the one that the manifest pins by its SHA-256, so it
could never start. Nothing was made.

\`\`\`text
Cannot embed /srv/app/worker: its SHA-256 is 5891b5b5…, and 'workers/w1' is pinned to 0263829989…
\`\`\`

Likely: it was built again after it was pinned; the pin is that of another platform's program.

What to do: Pin the program that is there: the message has its SHA-256. Or build the pinned one again.

### output_unwritable

\`CompileError\`. The folder that the executable was to be made in is missing, or this user may not write to it.

\`\`\`text
Cannot make /srv/bin/app: there is no folder /srv/bin
\`\`\`

Likely: a misspelt path; a folder that has yet to be made.

What to do: Make the folder, or choose another one.

### base_binary_missing

\`CompileError\`. An executable is made of denort, the base binary of the same version of Deno, and it can't be
had. Nothing was made.

\`\`\`text
Cannot make an executable without its base binary, denort: DENORT_BIN names /opt/denort, and no such file is there
\`\`\`

Likely: no way to dl.deno.land from this machine; DENORT_BIN names a file that is not there.

What to do: Get denort where the network allows it, as the message says, and set DENORT_BIN to it. It is kept
by Deno after the first download.

### base_binary_unfit

\`CompileError\`. The executable was made and does not run, so it was removed again.

\`\`\`text
Cannot use what was made: it does not run; DENORT_BIN takes the denort of Deno 2.9.6
\`\`\`

Likely: DENORT_BIN is of another version, or for another machine, than the deno that compiles.

What to do: Set DENORT_BIN to the denort of that very version.

### compile_failed

\`CompileError\`. Deno failed to compile; the message has what it said.

\`\`\`text
Cannot make app: deno compile failed
\`\`\`

Likely: a package that can't be downloaded; a disk that is full.

What to do: Deal with what Deno says.

### embedded_damaged

\`UnpackError\`. A program in the executable is not the one that was put there, so nothing was started.

\`\`\`text
Cannot unpack worker: it is not what was embedded; make the executable again, or copy it again
\`\`\`

Likely: an executable that was changed, or copied in part.

What to do: Copy it again, or make it again.

### unpack_folder_taken

\`UnpackError\`. The folder for the programs of this executable is not this user's alone, or another user could
exchange it, so nothing was started.

\`\`\`text
Cannot unpack to /srv/shared/outrider-0123456789abcdef: others may write to /srv/shared (mode 0777); set XDG_CACHE_HOME to a folder of this user's own, or compile with --unpack-to and one
\`\`\`

Likely: another user made a folder of that name, or runs the same executable at this moment; a folder above it
belongs to another user, or lets others write, as the message says; sudo, which keeps the HOME of another
user.

What to do: Have it removed, or mend what the message names. Or set XDG_CACHE_HOME to a folder of your own, or
make the executable with --unpack-to and one.

### unpack_folder_unusable

\`UnpackError\`. No folder for the programs of this executable can be used, so nothing was started.

\`\`\`text
Cannot unpack to /home/me/.cache/outrider-0123456789abcdef: no program may run there, its file system is mounted noexec; set XDG_CACHE_HOME to a folder of this user's own, or compile with --unpack-to and one
\`\`\`

Likely: neither XDG_CACHE_HOME nor HOME is set; its file system is read only, or full, or lets no program run
(it is mounted noexec).

What to do: Set XDG_CACHE_HOME to a folder of your own where programs may run, or make the executable with
--unpack-to and one.

## Testing

\`@outrider/outrider/testing\`.

### no_script

\`NoScriptError\`. A simulated tree has a sidecar for whose program there is no script, so it can't be started.

\`\`\`text
Cannot simulate 'workers/w1': 'processes' has scripts for db
\`\`\`

Likely: a misspelt path in \`processes\`: workers/w1, not w1.

What to do: Give it a script, or none on purpose: then this is how it fails.

Fields: \`path\`: the sidecar.

### never_at_rest

\`SimulationError\`. Actors keep each other busy without end, so virtual time can't go on.

\`\`\`text
Cannot come to rest: actors keep each other busy without end
\`\`\`

Likely: two actors that tell each other something at every message; a loop over promises that are done.

What to do: Let one of them wait for time to pass, or end.

### timers_left

\`SimulationError\`. Timers are left where none should be: after the tree was stopped, or when all time was to
pass.

\`\`\`text
Cannot stop without a trace: 1 timers are left
\`\`\`

Likely: an actor that does not clear its timer when it stops; a timer that sets itself again for ever.

What to do: Clear timers in \`stopped()\`, or let less time pass with \`advance\`.

### promise_pending

\`SimulationError\`. A promise that the test waits for is still pending, and nothing is left that could settle
it in time.

\`\`\`text
Cannot go on: everything is at rest, and what is waited for has not come
\`\`\`

Likely: an ask that is never answered; something that waits for the real clock or the real world.

What to do: Give everything the virtual clock, and the ask a timeout.

### never_started

\`SimulationError\`. The test looks at the life of a fake process that has not been started yet.

\`\`\`text
Cannot look at the life of a process that was never started
\`\`\`

Likely: the tree was not started, or the spec has another \`spawn\`.

What to do: Start the tree first, and give the sidecar the fake's \`spawn\`.
`;
