/**
 * The options that say what is run: the program, its environment, and what confines it.
 */

import {
  duration,
  filled,
  flag,
  key,
  list,
  needed,
  number,
  shape,
  sizeField,
  text,
  types,
  union,
  whole,
} from "../build.ts";
import type { DictField, Field, Property, ShapeField, TextField, TupleField, UnionField } from "../field.ts";
import type { EnvFileEntry } from "../types.ts";
import { MAX_MEMORY } from "../units.ts";

/** The program of a sidecar. */
export const command: TextField = {
  ...filled,
  expected: 'a string, the program alone, with the rest in "args"',
};

/** Its arguments. */
export const args: Field = list(text, { expected: `an array, such as ["--port", "8080"]` });

const variableName: TextField = {
  kind: "text",
  patterns: [[/^[A-Za-z_][A-Za-z0-9_]*$/, `a variable's name must be letters, digits and "_"`]],
};

/** Names of environment variables. */
export const variableNames: Field = list(variableName);

const fromRuntime: ShapeField["fields"] = {
  from: needed(variableName, "The variable of Outrider's own environment that has the value"),
  default: key(text, "The value where that is not set", { otherwise: "none: it does not start" }),
};

const isSecret = key(flag, "Whether the value is shown as `***`, as that of a file is", {
  otherwise: "false",
});

/** The names that a variable can have. */
export const VARIABLE_NAME: RegExp = /^[^=\0]+$/;

/** Environment variables by name. */
export const env: DictField = {
  kind: "dict",
  key: VARIABLE_NAME,
  keyMessage: `a variable's name must not be empty or contain "=" or NUL`,
  of: union(`a text, such as "8080", or an object with "file", "from", "join" or "copy"`, [
    text,
    shape({
      file: needed(filled, "The file that has the value; it is read before each start"),
    }),
    shape({ ...fromRuntime, secret: isSecret }),
    shape({
      join: needed(
        list(union(`a text, or an object with "from"`, [text, shape(fromRuntime)])),
        "Texts and variables of Outrider's own, which make the value one behind the other",
      ),
      secret: isSecret,
    }),
    shape({
      copy: needed(
        whole(0, Number.MAX_SAFE_INTEGER),
        "In a pool: the value is this plus the number of the copy, which is 0 for the first",
      ),
    }),
  ], {
    isHidden: true,
    types: types(
      "EnvInput",
      "EnvEntry",
      "A variable's value: a text, the file that has it, the variable of the runtime that has it, a text made of such variables, or the number of a copy of a pool.",
    ),
  }),
};

/** A file of variables. */
export const envFileEntry: ShapeField = shape({
  path: needed(filled, "The file; a relative path starts from the manifest's folder"),
  required: key(flag, "Whether it must be there", { usual: true }),
  secret: key(flag, "Whether all its values are secrets, or none is", {
    otherwise: "those whose name says so, and passwords in URLs",
  }),
  over: key(variableNames, "Variables of `env` that it wins over", { otherwise: "none" }),
}, {
  types: types("EnvFileOptions", "EnvFileEntry", "A file of variables, as `@std/dotenv` reads them."),
  schema: { id: "EnvFile", description: "A file of variables." },
});

/** Files of variables. */
export const envFile: UnionField = union(
  `a path, an object with "path", or a list of these`,
  [
    filled,
    envFileEntry,
    list(union(`a path, or an object with "path"`, [filled, envFileEntry], { to: envFileOf })),
  ],
  {
    to: (written: EnvFileEntry | string | readonly EnvFileEntry[]) =>
      Array.isArray(written) ? written : [envFileOf(written as EnvFileEntry | string)],
    types: types(
      "EnvFileInput",
      "EnvFiles",
      "Files of variables: a path, an object with `path`, or a list of these.",
    ),
    input: "string | EnvFileOptions | readonly (string | EnvFileOptions)[]",
    output: "readonly EnvFileEntry[]",
  },
);

function envFileOf(written: EnvFileEntry | string): EnvFileEntry {
  return typeof written === "string" ? { path: written, required: true } : written;
}

/** The wrapper command that starts the program. */
export const launcherField: TupleField = { kind: "tuple", first: filled, rest: text };

/** The checksum of its file. */
export const sha256: TextField = {
  kind: "text",
  patterns: [[/^[0-9A-Fa-f]{64}$/, "a SHA-256 must be 64 hexadecimal digits"]],
};

/** A user or a group, by number; the highest of all stands for "leave it is". */
const account: Field = whole(0, 2 ** 32 - 2);

/** The name of a user or a group. */
const accountName: TextField = {
  ...filled,
  patterns: [[/^(?!\d+$)[^:\s,]+$/, 'must be a name; a number goes into "uid" or "gid"']],
};

/** The permissions that new files lack. */
const umask: TextField = {
  kind: "text",
  patterns: [[/^[0-7]{3,4}$/, 'must be 3 or 4 octal digits, such as "027"']],
};

/** The limits of a program, with all that it started. */
export const limitsField: ShapeField = shape({
  memory: key(sizeField(MAX_MEMORY), "Memory in RAM, with all that it started", { otherwise: "no limit" }),
  cpu: key(number(0.001, 100_000), "Processors, on average: 1.5 is one and a half", {
    otherwise: "no limit",
  }),
  for: key(duration(1_000, 600_000), "For how long it may be over"),
}, {
  defaults: "limits",
  rule({ memory, cpu }, refuse, isClean) {
    // A key that is not known may be one of the two, misspelt.
    if (isClean && memory === undefined && cpu === undefined) refuse(`needs "memory" or "cpu", or both`);
  },
  types: types(
    "LimitsInput",
    "LimitsEntry",
    "What a sidecar may use, with all that it started; one of `memory` and `cpu`, or both.",
  ),
});

/** The fields of a command. */
export const programFields: Record<string, Property> = {
  command: needed(command, "The program: a name to look up on PATH, or a path, which has a slash"),
  args: key(args, "Arguments, passed as they are: there is no shell"),
};

/** Its surroundings. */
export const surroundingFields: Record<string, Property> = {
  cwd: key(filled, "Working directory; it must exist", { usual: ".", otherwise: "the manifest's folder" }),
  env: key(
    env,
    "Environment variables to set: to a text, or from a file, a variable of Outrider's, a copy's number",
    {
      see: "#environment",
    },
  ),
  envFile: key(envFile, "Files of further variables, such as `.env`", { see: "#environment" }),
  inheritEnv: key(variableNames, "Environment variables to pass on; no others are"),
};

const RUNTIMES_ACCOUNT = { otherwise: "the runtime's", see: "confinement.md#users-and-groups" };
const RUNTIMES_PRIORITY = { otherwise: "the runtime's", see: "confinement.md#priority-and-new-files" };

/** Its confinement. */
export const confinementFields: Record<string, Property> = {
  launcher: key(
    launcherField,
    `A program with its arguments that starts this one, such as ["nice", "-n", "10"]`,
    {
      otherwise: "none",
      see: "confinement.md#launchers",
    },
  ),
  pty: key(flag, "Whether it runs in a terminal of its own, through the program `script`", {
    otherwise: "false",
    see: "confinement.md#a-terminal",
  }),
  sha256: key(sha256, "The SHA-256 of the program's file; it is run only while it has that", {
    otherwise: "not checked",
    see: "confinement.md#pinned-programs",
  }),
  uid: key(account, "The user to run as, by number; only root may", RUNTIMES_ACCOUNT),
  gid: key(account, "The group to run as, by number; only root may", RUNTIMES_ACCOUNT),
  user: key(accountName, "The user to run as, by name, with its group; only root may", RUNTIMES_ACCOUNT),
  group: key(accountName, "The group to run as, by name; only root may", {
    ...RUNTIMES_ACCOUNT,
    otherwise: "that of `user`, else the runtime's",
  }),
  nice: key(
    whole(-20, 19),
    "How much it yields to other programs, through the program `nice`; 19 the most",
    RUNTIMES_PRIORITY,
  ),
  umask: key(
    umask,
    "The permissions that its new files lack, in octal digits, through `sh`",
    RUNTIMES_PRIORITY,
  ),
  limits: key(limitsField, "The `memory` and `cpu` it may use; over that for too long, it is restarted", {
    otherwise: "no limits",
    see: "confinement.md#limits",
  }),
};
