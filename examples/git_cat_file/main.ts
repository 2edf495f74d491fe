/**
 * Reads objects of a Git repository, by default this one, from one `git cat-file --batch` that is kept running.
 */
import { sidecar, start, supervisor } from "@outrider/outrider";
import { catFile } from "./cat_file.ts";

const objects = sidecar("objects", {
  command: "git",
  args: ["-C", Deno.args[0] ?? ".", "cat-file", "--batch"],
  protocol: catFile,
});

await using system = await start(supervisor("root", [objects]));
for (const name of ["HEAD:LICENSE", "HEAD:no/such/file"]) {
  const found = await system.ref(objects).ask(name);
  if ("none" in found) console.log(`${name} is ${found.none}`);
  else {
    const [first] = new TextDecoder().decode(found.content).split("\n");
    console.log(`${name} is a ${found.type} of ${found.content.length} bytes that begins with "${first}"`);
  }
}
