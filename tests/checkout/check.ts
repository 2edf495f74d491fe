/**
 * Everything about the checkout that is not a test, one line a step; prints the output of steps that fail, and
 * exits with 1 if any did. `deno lint` and `deno publish` take no import map, so they run in a copy of the tree.
 * Types take longer than all other steps together: they are checked beside them, and by no other step again.
 */
import { type Config, MAP, readJson, stage } from "./stage.ts";

const root = new URL("../../", import.meta.url);
const NPM = `--import-map=${MAP}`;

interface Step {
  readonly name: string;
  readonly args: readonly string[];
  readonly cwd?: URL;
}

/** Runs a step; gives its output if it failed. */
async function run({ args, cwd = root }: Step): Promise<string | undefined> {
  const env: Record<string, string> = Deno.stdout.isTerminal() ? {} : { NO_COLOR: "1" };
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: [...args], cwd, env })
    .output();
  if (success) return undefined;
  const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
  return text.replaceAll(cwd.href, "").replaceAll(decodeURIComponent(cwd.pathname), "");
}

const config = await readJson<Config>("deno.json");
// A folder stands for its modules alone: examples in pages are checked where the pages are named.
const pages = [...Deno.readDirSync(new URL("docs/", root))].map(({ name }) => `docs/${name}`);
const temp = await Deno.makeTempDir({ prefix: "outrider_check_" });
const staged = new URL(`file://${temp}/`);
const types: Step = {
  name: "types and lock file",
  args: ["check", "--frozen", NPM, "--doc", ".", "README.md", ...pages],
};
const others: Step[] = [
  { name: "format", args: ["fmt", "--check"] },
  { name: "lint", args: ["lint"], cwd: staged },
  { name: "docs of the exports", args: ["doc", "--lint", NPM, ...Object.values(config.exports)] },
  {
    name: "layers, names, pages",
    args: [
      ...["test", "--no-check", NPM, "--allow-read", "--allow-env", "--allow-run"],
      ...["layers", "names", "architecture", "links", "numbers", "tables", "workflows"].map((of) =>
        `tests/checkout/${of}_test.ts`
      ),
    ],
  },
  {
    name: "publish, dry run",
    args: ["publish", "--dry-run", "--no-check", "--allow-dirty"],
    cwd: staged,
  },
];
let failed = 0;

/** Runs steps one after another, and prints how each went. */
async function runAll(steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    const start = performance.now();
    const output = await run(step);
    const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(5);
    console.log(`${step.name.padEnd(20)} ${output === undefined ? "ok    " : "failed"} ${seconds} s`);
    if (output !== undefined) console.log(output.trimEnd(), "\n");
    if (output !== undefined) failed++;
  }
}

try {
  await stage(staged);
  await Promise.all([runAll([types]), runAll(others)]);
} finally {
  await Deno.remove(temp, { recursive: true });
}
if (failed > 0) Deno.exit(1);
