/**
 * `outrider schema`
 *
 * @module
 */

import { jsonSchema } from "../../manifest/json_schema.ts";
import { EXIT, readArgs, UsageError, type Verb } from "../verb.ts";

/** Prints the JSON Schema of manifests. */
export const schemaVerb: Verb = {
  help: `Usage: outrider schema

Prints the JSON Schema of manifests. Save it beside a manifest and name it
there, and an editor completes and checks the manifest while you type:

  outrider schema > outrider.schema.json
  { "$schema": "./outrider.schema.json", "name": … }`,

  run(args) {
    const { positionals } = readArgs(args, {});
    if (positionals.length > 0) throw new UsageError(`Cannot use '${positionals[0]}': schema takes no FILE`);
    console.log(JSON.stringify(jsonSchema(), null, 2));
    return Promise.resolve(EXIT.OK);
  },
};
