/**
 * What a command line gives for the inputs that a client's file asks for: `--input ID=VALUE`, and `--inputs-file FILE`.
 */

import { isPlainObject } from "../manifest/issue.ts";
import { readText } from "../manifest/read.ts";
import { Source } from "../manifest/source.ts";
import { describeValue, quote } from "../text/words.ts";
import { UsageError } from "./verb.ts";

/** The options of a verb that takes inputs. */
export const INPUT_OPTIONS = { input: { type: "list" }, "inputs-file": { type: "string" } } as const;

/**
 * Reads the values, by id. Of one that is in the file, too, the option counts. No message has a value.
 *
 * @throws {UsageError} an option has no `=`, or the file is not an object of texts
 * @throws {ManifestError} the file can't be read
 */
export async function readInputs(
  { input, "inputs-file": file }: {
    readonly input: readonly string[];
    readonly "inputs-file": string | undefined;
  },
): Promise<Record<string, string>> {
  const given = input.map((written) => {
    const cut = written.indexOf("=");
    if (cut < 1) throw new UsageError("Cannot use --input: it takes an id and a value, such as region=eu");
    return [written.slice(0, cut), written.slice(cut + 1)] as const;
  });
  return { ...(file === undefined ? {} : await readInputsFile(file)), ...Object.fromEntries(given) };
}

async function readInputsFile(file: string): Promise<Record<string, string>> {
  const source = new Source(await readText(file));
  const { value, faults: [fault] } = source.read();
  if (fault !== undefined) {
    throw new UsageError(
      `Cannot use --inputs-file ${file}: line ${source.at(fault.offset).line} is not JSON with comments`,
    );
  }
  if (!isPlainObject(value)) {
    throw new UsageError(
      `Cannot use --inputs-file ${file}: expected an object, such as { "region": "eu" }, got ${
        describeValue(value)
      }`,
    );
  }
  const wrong = Object.keys(value).find((id) => typeof value[id] !== "string");
  if (wrong !== undefined) {
    throw new UsageError(`Cannot use --inputs-file ${file}: the value of ${quote(wrong)} is not a text`);
  }
  return value as Record<string, string>;
}
