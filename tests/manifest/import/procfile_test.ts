/** What `import` makes of a Procfile. */
import { assertEquals } from "@std/assert";
import { faultsOf, imported } from "./importing.ts";

Deno.test("import of a Procfile makes a child of each line, with foreman's ports and what is in .env", async () => {
  const { manifest, left, changed } = await imported(
    "procfile",
    "# all\nweb: ./web -p $PORT --db $DB --key $KEY\r\n\nworker: QUEUE=mail bundle exec 'side kiq'\nnot a program\n",
    { ".env": "DB=postgres://x\n" },
  );
  const inherited = ["PATH", "HOME", "LANG", "TERM", "TMPDIR", "USER", "KEY"];
  assertEquals(manifest, {
    name: "app",
    envFile: ".env",
    children: [
      {
        id: "web",
        command: "sh",
        args: ["-c", "exec ./web -p $PORT --db $DB --key $KEY"],
        inheritEnv: inherited,
        env: { PORT: { from: "PORT", default: "5000" } },
        after: [],
      },
      {
        id: "worker",
        command: "bundle",
        args: ["exec", "side kiq"],
        env: { PORT: "5100", QUEUE: "mail" },
        after: [],
      },
    ],
  });
  assertEquals(left, ['5 1 line that is not "name: command"']);
  assertEquals(changed.slice(0, 1), ["2 web: runs in sh -c, for a variable"]);
});

Deno.test("import of a Procfile names the lines that are no program", async () => {
  const lines = async (count: number) =>
    (await imported("procfile", `web: a\n${"stray\n".repeat(count)}`, {})).left;
  assertEquals(await lines(3), ['2 3 lines that are not "name: command": 2, 3 and 4']);
  const [many = ""] = await lines(1_000);
  assertEquals(many.startsWith('2 1000 lines that are not "name: command": 2, 3, 4'), true, many);
  assertEquals(many.endsWith(", 21 and 980 more"), true, many);
});

Deno.test("import of a Procfile makes release a job that the others wait for", async () => {
  const { manifest } = await imported("procfile", "web: ./web\nrelease: ./migrate\n", {
    ".env": "PORT=3000\n",
  });
  assertEquals(manifest.children, [
    {
      id: "web",
      command: "./web",
      env: { PORT: "3000" },
      after: [{ id: "release", condition: "completed_successfully" }],
    },
    { id: "release", command: "./migrate", restart: "no", after: [] },
  ]);
});

Deno.test("import refuses a Procfile with the line when a name comes twice, a quote has no end, or nothing is there", async () => {
  assertEquals(await faultsOf("procfile", "web: a\nweb: b\n"), ['2 "web" again; the first is on line 1']);
  assertEquals(await faultsOf("procfile", "a: b\nweb: it's\n"), ["2 web: a quote without an end"]);
  assertEquals(await faultsOf("procfile", "# none\n"), ['there is no "name: command" in it']);
  assertEquals(await faultsOf("procfile", `web: ${"x".repeat(140_000)}`), [
    "1 web: longer than 131071 bytes, which no shell is given as one argument",
  ]);
});
