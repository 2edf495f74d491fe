/** The example git_cat_file with the real git: whatever is in an object, it is the answer to its own request. */
import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { NO_BACKOFF, sidecar, SidecarProtocolError } from "@outrider/outrider";
import { UnencodableMessageError } from "@outrider/outrider/protocol";
import { catFile, type Found } from "../../examples/git_cat_file/cat_file.ts";
import { findProgram } from "../../src/permissions/find_program.ts";
import { checkout, Folder } from "../cli/outrider.ts";
import { AT_ONCE, Probe } from "../sidecar/health/probe.ts";

const ignore = findProgram("git", { cwd: "/", path: Deno.env.get("PATH") }).state !== "found";
const title = (text: string) => ignore ? `${text} (skipped: needs git)` : text;

/** A repository of its own, that knows nothing of who runs the tests. */
class Repository extends Folder {
  /** Runs git here, with `input`; what it prints, without the newline. */
  async git(args: readonly string[], input: Uint8Array = new Uint8Array()): Promise<string> {
    const env = {
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_SYSTEM: "/dev/null",
      ...Object.fromEntries(
        ["AUTHOR", "COMMITTER"].flatMap((who) => [[`GIT_${who}_NAME`, "a"], [`GIT_${who}_EMAIL`, "a@b"]]),
      ),
    };
    const child = new Deno.Command("git", {
      args: ["-C", this.path, ...args],
      env,
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(input);
    await writer.close();
    const { success, stdout } = await child.output();
    assertEquals(success, true, args.join(" "));
    return new TextDecoder().decode(stdout).trim();
  }

  store(content: Uint8Array): Promise<string> {
    return this.git(["hash-object", "-w", "--stdin"], content);
  }

  get sidecar() {
    const program = { command: "git", args: ["-C", this.path, "cat-file", "--batch"] };
    return { ...program, protocol: catFile, stop: AT_ONCE, backoff: NO_BACKOFF, maxFrame: 200_000 };
  }
}

Deno.test({
  name: title("git cat-file answers each request with its object when contents look like replies"),
  ignore,
  fn: async () => {
    await using repository = new Repository();
    await repository.git(["init", "-q"]);
    const lookalike = new TextEncoder().encode(`${"0".repeat(40)} blob 3\nabc\nHEAD missing\n`);
    const random = crypto.getRandomValues(new Uint8Array(60_000));
    const contents = [lookalike, new Uint8Array(), new Uint8Array(70_000).fill(10), random];
    const oids = await Promise.all(contents.map((content) => repository.store(content)));
    const large = await repository.store(new Uint8Array(200_001));
    await using probe = await Probe.start(() => sidecar("s", repository.sidecar));
    const ask = (name: string): Promise<Found> => probe.ref.ask(name);

    const asked = Array.from({ length: 60 }, (_, n) => n % 5);
    const found = await Promise.all(asked.map((n) => ask(oids[n] ?? `no such thing ${n}`)));
    for (const [at, n] of asked.entries()) {
      const [oid, content] = [oids[n], contents[n]];
      const expected = oid === undefined || content === undefined
        ? { name: `no such thing ${n}`, none: "missing" }
        : { oid, type: "blob", content };
      assertEquals(found[at], expected as Found);
    }

    const [over, next] = await Promise.all([ask(large).catch((error: Error) => error), ask(oids[0]!)]);
    assertInstanceOf(over, SidecarProtocolError);
    assertEquals("oid" in next && next.oid, oids[0]);
    for (const name of ["", "HEAD\nHEAD"]) await assertRejects(() => ask(name), UnencodableMessageError);

    Deno.kill(probe.all("spawned")[0]!.pid, "SIGKILL");
    await probe.event("restarting");
    assertEquals("oid" in await ask(oids[1]!), true);
  },
});

Deno.test({
  name: title("git_cat_file prints what its README shows"),
  ignore,
  fn: async () => {
    await using repository = new Repository();
    repository.write("LICENSE", await Deno.readFile(`${checkout}LICENSE`));
    await repository.git(["init", "-q"]);
    await repository.git(["add", "LICENSE"]);
    await repository.git(["commit", "-qm", "a"]);
    const flags = ["run", "--no-prompt", "--quiet", "--import-map=tests/support/npm/import_map.json"];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...flags, "--allow-run=git", "--allow-env", "examples/git_cat_file/main.ts", repository.path],
      cwd: checkout,
    }).output();
    const decoder = new TextDecoder();
    assertEquals([code, decoder.decode(stderr)], [0, ""]);
    const readme = await Deno.readTextFile(`${checkout}examples/git_cat_file/README.md`);
    assertEquals(readme.includes(`\`\`\`text\n${decoder.decode(stdout)}\`\`\``), true);
  },
});

Deno.test("the manual shows the protocol of git cat-file as it is", async () => {
  const [code, manual] = await Promise.all(
    ["examples/git_cat_file/cat_file.ts", "docs/protocols.md"].map((path) =>
      Deno.readTextFile(`${checkout}${path}`)
    ),
  );
  assertEquals(manual!.includes(code!.slice(code!.indexOf("import "))), true);
});
