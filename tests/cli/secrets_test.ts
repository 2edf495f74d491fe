/** What a sidecar tells of its secrets does not leave the runtime in the forms that are promised. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { checkout, Folder, Running } from "./outrider.ts";
import { Session } from "./session.ts";

const { outrider } = new Session();

/** In no output by chance, nor a part of it. */
const SECRET = 'Qüäz/<&>"Ж🔑 %Zyx+';
/** Two characters of it, in each form. */
const PARTS = [
  "Qü",
  "Q\\u00",
  "Q%C3",
  "q%c3",
  "\\u0051",
  "üä",
  "Ж🔑",
  "\\ud83d",
  "\\uD83D",
  "%F0%9F",
  "%f0%9f",
  "Zyx",
  "zyx",
];

function assertHidden(text: string): void {
  for (const part of PARTS) {
    const at = text.indexOf(part);
    assert(at < 0, `${part} in: ${text.slice(Math.max(0, at - 200), at + 100)}`);
  }
}

Deno.test("up, status and the failure at the end hide a secret in every form that is promised", async () => {
  await using folder = new Folder();
  Deno.chmodSync(folder.write("key", SECRET), 0o600);
  const socket = `${folder.path}/s`;
  const file = folder.manifest([{
    id: "teller",
    command: "deno",
    args: [
      "run",
      "--no-config",
      "--no-lock",
      "--allow-env=KEY",
      `${checkout}tests/fixtures/tells_secrets.ts`,
    ],
    protocol: "ndjson",
    env: { KEY: { file: "key" }, NO_COLOR: "1" },
  }], { defaults: "otp", intensity: { restarts: 0, within: "1m" } });
  for (const format of ["text", "json"]) {
    await using up = new Running([
      "up",
      file,
      "--control",
      socket,
      "--log-format",
      format,
      "--log-level",
      "debug",
    ]);
    await up.line(/stderr.*told/);
    const asked = await outrider(["ask", "--own", file, "teller", '{"go":1}', "--timeout", "30s"]);
    assertEquals(asked.code, 1);
    const status = [await outrider(["status", socket]), await outrider(["status", socket, "--json"])];
    up.signal("SIGTERM");
    const { stderr } = await up.ended();
    const told = up.lines.join("\n");
    assertMatch(told, /no JSON \*\*\*/);
    assertMatch(told, format === "json" ? /"\*\*\*":\{"in a key":1\}/ : /form \*\*\*/);
    for (const text of [told, stderr, asked.stderr, ...status.map(({ stdout }) => stdout)]) {
      assertHidden(text);
    }
    assertMatch(asked.stderr, /last words: last words \*/);
  }
});

Deno.test("up, status and the failure at the end hide a secret that a sidecar coloured a part of", async () => {
  await using folder = new Folder();
  Deno.chmodSync(folder.write("key", "hunter2-longtoken-42"), 0o600);
  const socket = `${folder.path}/s`;
  // As grep --color does it, and as one colours a prompt.
  const grep = String.raw`hunter2-\033[01;31m\033[Klongtoken\033[m\033[K-42`;
  const sgr = String.raw`hunter\033[1m2-longt\033[0moken-42`;
  const file = folder.manifest([{
    id: "teller",
    command: "sh",
    args: [
      "-c",
      `printf 'a ${grep}\nb ${sgr}\n'; printf 'c ${grep}\nd ${sgr}\n' >&2; read line; ` +
      `printf 'last words ${sgr}\n' >&2; exit 3`,
    ],
    env: { KEY: { file: "key" } },
  }], { defaults: "otp", intensity: { restarts: 0, within: "1m" } });
  for (const format of ["text", "json"]) {
    await using up = new Running(["up", file, "--control", socket, "--log-format", format]);
    await up.line(/stderr.*d /);
    const status = [await outrider(["status", socket]), await outrider(["status", socket, "--json"])];
    await outrider(["restart", socket, "teller", "--timeout", "30s"]);
    up.signal("SIGTERM");
    const { stderr } = await up.ended();
    const told = up.lines.join("\n");
    for (const text of [told, stderr, ...status.map(({ stdout }) => stdout)]) {
      // deno-lint-ignore no-control-regex -- colours are what a terminal does not show
      const shown = text.replace(/(?:\x1b|\\x1b|\\u001b)\[[\d;]*[A-Za-z]/g, "");
      for (const part of ["hunter", "longt", "oken-42"]) assert(!shown.includes(part), shown);
    }
    for (const letter of ["a", "b", "c", "d"]) assert(told.includes(`${letter} ***`), told);
  }
});
