/** What a task grants against what is needed; what is said of single values, Deno itself is asked about. */
import { assertEquals } from "@std/assert";
import {
  compare,
  type CompareContext,
  type NeededPermission,
} from "../../../../src/cli/checks/tasks/compare.ts";
import { grantedBy, type PermissionSets } from "../../../../src/cli/checks/tasks/granted.ts";
import { runsOf } from "../../../../src/cli/checks/tasks/runs.ts";
import { differenceLines } from "../../../../src/cli/checks/tasks/tasks.ts";

const FOLDER = "/srv/app";

const NEEDS: readonly NeededPermission[] = ([
  ["run", "cat"],
  ["run", "/srv/app/bin/w"],
  ["env", "PATH"],
  ["read", "/srv/app/outrider.json"],
  ["net", "localhost:80"],
] as const).map(([name, value]) => ({ name, value }));

const AROUND: CompareContext = {
  folder: FOLDER,
  optional: [{ name: "run", value: "kill" }, { name: "write", value: "/state" }],
  readsMore: false,
  find: (name) => name === "gone" ? undefined : `/usr/bin/${name}`,
};

function told(
  flags: string,
  { needs = NEEDS, sets = {}, ...around }: Partial<CompareContext> & {
    needs?: readonly NeededPermission[];
    sets?: PermissionSets;
  } = {},
): string[] {
  const compared = compare(grantedBy(flags.split(" "), { sets, folder: FOLDER }), needs, {
    ...AROUND,
    ...around,
  });
  return compared.differences.length === 0 ? [] : differenceLines(compared);
}

const EXACT = "--allow-run=cat,./bin/w --allow-env=PATH --allow-read=outrider.json --allow-net=localhost:80";

Deno.test("compare finds no difference in exact flags, however they are written", () => {
  assertEquals(told(EXACT), []);
  assertEquals(
    told("--allow-run=/usr/bin/cat --allow-run=bin/../bin/w -E=PATH -R=./outrider.json -qN=localhost:80"),
    [],
  );
  assertEquals(
    told(`--no-prompt ${EXACT}`.replace("cat,", "cat,kill,") + " --allow-write=/state -I=x.org"),
    [],
  );
});

Deno.test("compare lists lacking, excess and broad flags on a line each, with the exact ones", () => {
  assertEquals(told("--allow-run=cat,sh -R -E=PA*,SHELL -N=localhost --allow-sys --allow-ffi=x"), [
    "--allow-run   lacks ./bin/w; has sh, which nothing needs",
    "--allow-env   has SHELL, which nothing needs; has PA*, where PATH would do",
    "--allow-read  has everything, where outrider.json would do",
    "--allow-net   has localhost, where localhost:80 would do",
    "--allow-sys   has everything, which nothing needs",
    "--allow-ffi   has x, which nothing needs",
    `exactly enough: ${EXACT}`,
  ]);
  assertEquals(told("--allow-run=/usr/bin/cat,kill -ER=/srv -N=localhost:80"), [
    "--allow-run   lacks ./bin/w",
    "--allow-env   has everything, where PATH would do",
    "--allow-read  has /srv, where outrider.json would do",
    `exactly enough: ${EXACT.replace("cat,", "/usr/bin/cat,kill,")}`,
  ]);
  assertEquals(told("-A"), [
    "--allow-all  has everything, where what follows would do",
    `exactly enough: ${EXACT}`,
  ]);
  assertEquals(told("--no-prompt")[0], "--allow-run   lacks cat, ./bin/w");
});

Deno.test("where all of a permission is needed, nothing less will do", () => {
  const needs: NeededPermission[] = [{ name: "run", value: undefined }, ...NEEDS.slice(0, 1)];
  assertEquals(told("--allow-run", { needs }), []);
  assertEquals(told("--allow-run=cat", { needs }), [
    "--allow-run  lacks everything",
    "exactly enough: --allow-run",
  ]);
});

Deno.test("a manifest that imports others may read more than is known", () => {
  const needs = NEEDS.slice(3, 4);
  for (const flags of ["-R", "-R=outrider.json,part.ts"]) {
    assertEquals(told(flags, { needs, readsMore: true }), []);
  }
  assertEquals(told("-R=part.ts", { needs, readsMore: true }), [
    "--allow-read  lacks outrider.json",
    "exactly enough: --allow-read=part.ts,outrider.json",
  ]);
});

Deno.test("a permission set is weighed as flags are; a flag takes its permission's place", () => {
  const sets = {
    default: { run: ["cat"], env: { allow: ["PATH"], deny: ["HOME"] }, read: ["outrider.json"], net: true },
    all: { all: true },
  };
  const needs = NEEDS.slice(0, 4);
  assertEquals(told("-P", { sets, needs }), [
    "--allow-run  lacks ./bin/w",
    "--allow-net  has everything, which nothing needs",
    "exactly enough: --allow-run=cat,./bin/w --allow-env=PATH --allow-read=outrider.json",
  ]);
  assertEquals(told("-P --allow-run=cat,./bin/w -N=localhost:80", { sets }), []);
  assertEquals(
    told("--permission-set=all", { sets })[0],
    "--allow-all  has everything, where what follows would do",
  );
  assertEquals(told("-P=none", { sets })[0], "--allow-run   lacks cat, ./bin/w");
  const granted = grantedBy(["-P", "--deny-run=sh", "--ignore-read"], { sets, folder: FOLDER });
  assertEquals(granted.denials, ['"deny" of "env"', "--deny-run", "--ignore-read"]);
  assertEquals(granted.set, "default");
});

Deno.test("compare takes the same name for the same program where lookups are not permitted, and says so", () => {
  const granted = grantedBy(["--allow-run=w,tr"], { sets: {}, folder: FOLDER });
  const compared = compare(granted, NEEDS.slice(1, 2), { ...AROUND, find: () => null });
  assertEquals([compared.unclear, compared.differences.map(({ lacks, unneeded }) => [lacks, unneeded])], [
    ["w"],
    [[[], ["tr"]]],
  ]);
});

Deno.test("a value that a shell would act on is quoted", () => {
  const needs: NeededPermission[] = [{ name: "read", value: "/srv/app/a b.json" }];
  assertEquals(told("-R", { needs }).at(-1), "exactly enough: '--allow-read=a b.json'");
});

Deno.test("the commands of a task that start this manifest, and no others", () => {
  const file = "/srv/app/sub/outrider.json";
  const runs = (task: string) =>
    runsOf(task, { folder: FOLDER, file }).map((
      { verb, flags, rest, control, folder },
    ) => [
      verb,
      flags.map(({ text }) => text).join(" "),
      rest.map(({ text }) => text).join(" "),
      control,
      folder,
    ]);
  assertEquals(
    runs("X=1 deno run -A x.ts up --for 3s sub/outrider.json && deno -R y ask ./sub/outrider.json a hi"),
    [
      ["up", "-A", "", undefined, FOLDER],
      ["ask", "-R", "a hi", undefined, FOLDER],
    ],
  );
  assertEquals(runs("cd sub && /opt/deno run --config up.json jsr:x call outrider.json a m"), [
    ["call", "--config up.json", "a m", undefined, `${FOLDER}/sub`],
  ]);
  for (const control of ["--control run/s", "--control=run/s"]) {
    assertEquals(runs(`deno x up sub/outrider.json ${control}`)[0]?.[3], `${FOLDER}/run/s`);
  }
  for (
    const task of [
      "deno run -A x.ts up other.json",
      "deno run -A x.ts check sub/outrider.json",
      "deno task outrider up sub/outrider.json",
      "node x up sub/outrider.json",
      "deno run -A x.ts up $FILE",
      "cd $INIT_CWD && deno run -A x.ts up sub/outrider.json",
      "cd sub && deno run -A x.ts up sub/outrider.json",
      "echo deno run x up",
    ]
  ) assertEquals(runs(task), [], task);
});

/** One value of a flag, what is asked for, and whether it is granted: by Deno, and by the comparison. */
const GRANTS: readonly (readonly [NeededPermission["name"], string, string])[] = [
  ["read", "/srv", "/srv/app/x"],
  ["read", "/srv/ap", "/srv/app/x"],
  ["read", "/srv/app/", "/srv/app"],
  ["env", "PA*", "PATH"],
  ["env", "PA*", "HOME"],
  ["env", "PATH", "PATHEXT"],
  ["net", "localhost", "localhost:80"],
  ["net", "localhost:81", "localhost:80"],
  ["net", "*.example.org", "a.example.org:80"],
  ["net", "*.example.org", "example.org:80"],
  ["net", "[::1]", "[::1]:80"],
  ["run", "/bin/./sh", "/bin/sh"],
  ["run", "/bin", "/bin/sh"],
];

Deno.test("compare agrees with Deno about which permission includes another", async () => {
  const key = { read: "path", env: "variable", net: "host", run: "command", write: "path" } as const;
  const all = await Promise.all(GRANTS.map(async ([name, grant, value]) => {
    const script = `console.log(Deno.permissions.querySync(${
      JSON.stringify({ name, [key[name]]: value })
    }).state)`;
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-config", "--no-prompt", "--quiet", `--allow-${name}=${grant}`],
        `data:application/javascript,${encodeURIComponent(script)}`,
      ],
    }).output();
    const deno = new TextDecoder().decode(stdout).trim() === "granted";
    const needs: NeededPermission[] = [{ name, value }];
    const granted = grantedBy([`--allow-${name}=${grant}`], { sets: {}, folder: FOLDER });
    const ours = compare(granted, needs, AROUND).differences.every(({ lacks }) => lacks.length === 0);
    return { name, grant, value, deno, ours };
  }));
  assertEquals(all.map((row) => ({ ...row, ours: row.deno })), all);
});
