/** Tests that need a program which is not everywhere. */

/** Registers a test that is skipped, and says so, where `program` is not on PATH; `deno` is what runs the tests. */
export function testWith(program: string, title: string, fn: () => Promise<void>): void {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  const isThere = program === "deno" || folders.some((folder) => isFile(`${folder}/${program}`));
  Deno.test({ name: isThere ? title : `skipped: needs ${program}: ${title}`, ignore: !isThere, fn });
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
