/** On a terminal, where Deno would ask for a permission, Outrider refuses instead and names the flag. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Folder, outrider } from "./outrider.ts";
import { hasTerminal, onTerminal, outriderOnTerminal } from "./terminal.ts";

const ignore = !hasTerminal;

type Case = readonly [args: readonly string[], flags: readonly string[], code: number, says: string];

Deno.test({
  name: "a prompt of Deno's would be seen (on a terminal; skipped where util-linux has no script)",
  ignore,
  fn: async () => {
    const script = "data:application/javascript,console.log(Deno.env.get('HOME'))";
    const seen = await onTerminal([Deno.execPath(), "run", "--no-config", script]);
    assert(seen.prompted, seen.text);
  },
});

Deno.test({
  name: "with any permission missing nothing is asked for: the verb says which it is (on a terminal)",
  ignore,
  fn: async () => {
    await using folder = new Folder();
    folder.write("key", "hunter2");
    const file = folder.manifest([{
      id: "cat",
      command: "cat",
      protocol: "lines",
      env: { KEY: { file: "./key" }, PATH: "/usr/bin:/bin" },
      inheritEnv: ["HOME"],
      probes: {
        readiness: { command: ["true"] },
        liveness: { tcp: { host: "127.0.0.1", port: 9 }, period: "1h" },
      },
    }]);
    const { stdout } = await outrider(["permissions", file]);
    const exact = stdout.trim().split(" ");
    const values = exact.flatMap((flag) => {
      const [name, list = ""] = flag.split("=");
      return list.split(",").map((value) => `${name}=${value}`);
    });
    assertEquals(values.length, 6);
    const read = [`--allow-read=${file}`];
    const cases: Case[] = [
      ...values.map((gone): Case => [["up", file], joined(values.filter((flag) => flag !== gone)), 3, gone]),
      [["ask", file, "cat", "hi"], read, 3, "--allow-env=HOME"],
      [["check", file], read, 3, "--allow-env=HOME"],
      [["check", file], exact, 0, "Not looked at"],
      [["permissions", file], read, 0, "--allow-env=HOME"],
      [["permissions", file], [], 3, read[0]!],
      [["up", file, "--for", "50ms"], exact, 0, "stopped"],
    ];
    const next = async () => {
      for (let one = cases.pop(); one !== undefined; one = cases.pop()) {
        const [args, flags, code, says] = one;
        const seen = await outriderOnTerminal(args, flags);
        const about = `${args.join(" ")} under ${flags.join(" ")}: ${seen.text}`;
        assert(!seen.prompted, about);
        assertEquals(seen.code, code, about);
        assertStringIncludes(seen.text, says, about);
      }
    };
    await Promise.all([next(), next(), next()]);
  },
});

/** Each flag once, as Deno 2.6 takes none twice. */
function joined(flags: readonly string[]): string[] {
  const pairs = flags.map((flag) => flag.split("=") as [string, string]);
  return [...Map.groupBy(pairs, ([name]) => name)].map(([name, all]) =>
    `${name}=${all.map(([, value]) => value).join(",")}`
  );
}
