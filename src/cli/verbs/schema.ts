/**
 * `outrider schema`
 */

import { jsonSchema } from "../../manifest/json_schema.ts";
import { EXIT, readArgs, UsageError, type Verb } from "../verb.ts";

/** Prints the JSON Schema of manifests. */
export const schemaVerb: Verb = (args) => {
  const { positionals } = readArgs(args, {});
  if (positionals.length > 0) throw new UsageError(`Cannot use '${positionals[0]}': schema takes no FILE`);
  console.log(JSON.stringify(jsonSchema(), null, 2));
  return Promise.resolve(EXIT.OK);
};
