import { assertEquals } from "@std/assert";

const PROBE = `
  import { missingPermissions } from ${
  JSON.stringify(new URL("../../src/permissions/permit.ts", import.meta.url).href)
};
  const needs = ["SECRET", "PATH"].map((value) => ({ name: "env", value }));
  console.log(JSON.stringify(missingPermissions(needs)));
`;

for (
  const [flags, missing] of [
    [["--allow-env"], []],
    [["--allow-env", "--deny-env=SECRET"], ["SECRET"]],
    [["--allow-env=PATH"], ["SECRET"]],
    [[], ["SECRET", "PATH"]],
  ] as const
) {
  Deno.test(`missingPermissions returns ${missing.join(", ") || "nothing"} when Deno has ${flags.join(" ") || "no flags"}`, async () => {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-prompt",
        "--no-check",
        ...flags,
        `data:application/javascript,${encodeURIComponent(PROBE)}`,
      ],
    }).output();
    const values = JSON.parse(new TextDecoder().decode(stdout)).map(({ value }: { value: string }) => value);
    assertEquals(values, [...missing]);
  });
}
