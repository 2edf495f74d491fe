/** A hop that only copies bytes: `hop.ts COMMAND ARGS…` between its own pipes and those of the program. */
const [command, ...args] = Deno.args;
const child = new Deno.Command(command!, { args, stdin: "piped", stdout: "piped" }).spawn();
await Promise.all([
  Deno.stdin.readable.pipeTo(child.stdin),
  child.stdout.pipeTo(Deno.stdout.writable),
]);
