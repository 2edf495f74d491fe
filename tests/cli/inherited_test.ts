/** Files that were open when Outrider was started: each sidecar has them, and a warning says so where it can be seen. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { inheritedWarnings } from "../../src/process/start/inherited.ts";
import { type Flags, Folder, Running, words } from "./outrider.ts";

const ignore = Deno.build.os !== "linux";

/** A command line, started by a shell that has closed all it inherited but for `number`, which is open on `file`. */
function withOpen(
  number: number,
  file: string,
  args: readonly string[],
  { flags, env }: Flags = {},
): Deno.Command {
  // Of the shell's own words, only numbers of one digit are file descriptors; what is above is closed by bash alone.
  const script = `for fd in /proc/self/fd/*; do fd=\${fd##*/}; [ "$fd" -gt 2 ] && eval "exec $fd>&-"; done
    exec ${number}<"$0"; exec "$@"`;
  return new Deno.Command("bash", {
    args: ["-c", script, file, ...words(args, flags)],
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

const reads = { id: "reads", command: "sh", args: ["-c", "cat <&7; exec sleep 60"], restart: "temporary" };

Deno.test("a sidecar inherits descriptors open at the start, with a warning when everything is granted", {
  ignore,
}, async () => {
  await using folder = new Folder();
  const secret = folder.write("secret", "left open\n");
  const file = folder.manifest([reads]);
  await using up = new Running(withOpen(7, secret, ["up", file], { flags: ["-A"] }));
  assertMatch(
    await up.line(/warning/),
    /has open what Outrider was started with .*\(file descriptor 7\).* close it with 7<&-$/,
  );
  await up.line(/reads#1 +stdout +left open$/);
  up.signal("SIGTERM");
  assertEquals((await up.ended()).code, 0);
  const { code, stderr } = await withOpen(7, secret, ["check", file], { flags: ["-A"] }).output();
  assertEquals(code, 0);
  assertStringIncludes(new TextDecoder().decode(stderr), "(file descriptor 7)");
});

Deno.test(
  "no warning is made of what can't be seen, and none of what Deno opens itself",
  { ignore },
  async () => {
    await using folder = new Folder();
    const file = folder.manifest([{ id: "a", command: "cat", inheritEnv: ["PATH"] }]);
    const { stderr } = await withOpen(7, file, ["check", file]).output();
    assert(!new TextDecoder().decode(stderr).includes("file descriptor"));
    const closed = await withOpen(0, "/dev/null", ["check", file], { flags: ["-A"] }).output();
    assert(!new TextDecoder().decode(closed.stderr).includes("file descriptor"));
  },
);

Deno.test(
  "a sidecar has nothing open but its pipes when Outrider has a lock, a ledger, a guardian, a socket and a secret",
  { ignore },
  async () => {
    await using folder = new Folder();
    folder.write("key", "hunter2\n");
    const lists = (id: string) => ({
      id,
      command: "sh",
      // To list them takes one more, which is closed by the time that they are looked at.
      args: [
        "-c",
        'for fd in /proc/$$/fd/*; do test ! -e "$fd" || echo "open ${fd##*/}"; done; echo done; exec sleep 60',
      ],
      env: { KEY: { file: "./key" } },
      ready: { stdout: "done" },
    });
    const file = folder.manifest([lists("a"), lists("b")], { onHostDeath: "guard" });
    const control = ["--control", `${folder.path}/control/`];
    const env = { XDG_STATE_HOME: folder.path };
    for (
      const flags of [["-A"], [
        "--allow-run=sh,kill,ps",
        "--allow-read",
        "--allow-write",
        "--allow-env",
        "--allow-net",
      ]]
    ) {
      await using up = new Running(withOpen(0, "/dev/null", ["up", file, ...control], { flags, env }));
      await up.line(/tree +ready/);
      for (const id of ["a", "b"]) {
        const open = up.lines.flatMap((line) =>
          new RegExp(`${id}#1 +stdout +open (\\d+)$`).exec(line)?.[1] ?? []
        );
        assertEquals(open, ["0", "1", "2"]);
      }
      up.signal("SIGTERM");
      assertEquals((await up.ended()).code, 0);
    }
  },
);

Deno.test("a warning names each number, and how to close it", () => {
  assertEquals(inheritedWarnings([]), []);
  assertStringIncludes(inheritedWarnings([3, 251])[0]!, "(file descriptor 3, 251), and may");
  assertMatch(inheritedWarnings([3, 9])[0]!, /where a shell starts Outrider, close it with 3<&- 9<&-$/);
  // To dash, 10<&- is the argument 10 and a redirection of stdin.
  assertMatch(
    inheritedWarnings([3, 251])[0]!,
    /where bash starts Outrider, close it with 3<&- 251<&- \(other shells take one digit alone\)$/,
  );
});
