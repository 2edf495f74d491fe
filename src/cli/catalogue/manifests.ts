/**
 * The errors of manifests and of their permissions, explained.
 *
 * @module
 */

import type { ArgumentErrorCode } from "../../manifest/templates/arguments.ts";
import type { ManifestErrorCode } from "../../manifest/manifest_errors.ts";
import type { ExplainedCode } from "./entry.ts";

const FIELDS = [
  "`file`: the manifest",
  "`faults`: all that was found, each with `path`, `line`, `column`, `message`, `hint`",
];

/** The codes of `ManifestError`, and that of a permission without a flag. */
export const MANIFEST_ERRORS: Readonly<
  Record<ManifestErrorCode | "permission_not_expressible", ExplainedCode>
> = {
  manifest_not_found: {
    classes: ["ManifestError"],
    what: "There is no such file.",
    causes: ["a misspelt name", "another working directory than was thought"],
    remedy: "Correct the path; the message has it in full.",
    example: "Cannot read manifest /srv/outrider.json: no such file",
    fields: FIELDS,
  },
  manifest_unreadable: {
    classes: ["ManifestError"],
    what: "The file is there and can't be read: it is a folder, or the system refuses.",
    causes: ["a folder in place of the file in it", "the mode of the file, or of a folder above it"],
    remedy: "Name the file, or give this user the right to read it.",
    example: "Cannot read manifest /srv/app: it is a folder, not a file",
    fields: FIELDS,
  },
  manifest_permission_missing: {
    classes: ["ManifestError"],
    what: "Deno was started without the permission to read the manifest.",
    causes: ["flags that were printed for another manifest, or before it was moved"],
    remedy: "Add the flag that the message names.",
    example:
      "Cannot read manifest /srv/outrider.json: Deno may not read it; add --allow-read=/srv/outrider.json",
    fields: [...FIELDS, "`missingFlag`: what to add to deno run"],
  },
  manifest_too_large: {
    classes: ["ManifestError"],
    what: "The file is larger than a manifest may be, so it was not read.",
    causes: ["another file than was meant"],
    remedy: "Name the manifest. A tree that large is better made in code.",
    example: "Cannot read manifest /srv/dump.json: larger than 1,000,000 bytes",
    fields: FIELDS,
  },
  manifest_not_text: {
    classes: ["ManifestError"],
    what: "The file is binary, or text in another encoding than UTF-8.",
    causes: ["another file than was meant", "an editor that saves as UTF-16 or Latin-1"],
    remedy: "Save it as UTF-8.",
    example: "Cannot read manifest /srv/outrider.json: line 3 is not UTF-8; save it as UTF-8",
    fields: FIELDS,
  },
  manifest_empty: {
    classes: ["ManifestError"],
    what: "There is nothing in the file but space and comments.",
    causes: ["a file that was created and not filled, or not saved"],
    remedy: "Write the manifest: docs/manifest.md begins with a small one.",
    example: "Cannot read manifest /srv/outrider.json: there is nothing in it but space and comments",
    fields: FIELDS,
  },
  manifest_import_failed: {
    classes: ["ManifestError"],
    what: "The manifest is a module, and importing it failed. The cause is what was thrown.",
    causes: [
      "an error in the module, or in one that it imports",
      "a local file that it imports and that Deno may not read",
    ],
    remedy: "Run 'deno check' on it; 'deno info' lists what it imports, each of which needs --allow-read.",
    example: "Cannot read manifest /srv/outrider.ts: importing it failed with TypeError: Module not found",
    fields: FIELDS,
  },
  manifest_invalid: {
    classes: ["ManifestError"],
    what:
      "The manifest was read, and some of it is wrong. All faults are listed at once, each with its place.",
    causes: ["a misspelt key, a value of another type, or two settings that exclude each other"],
    remedy:
      "Correct each fault; the hints say how. An editor shows them while you type: 'outrider schema' prints what it needs.",
    example: "Cannot use manifest /srv/outrider.json: 1 fault",
    fields: [...FIELDS, "`programs`: the programs that it names all the same"],
  },
  permission_not_expressible: {
    classes: ["PermissionFlagError"],
    what: "A permission is needed for a value with a comma in it, at which Deno splits the values of a flag.",
    causes: ["a program, folder or manifest with a comma in its path"],
    remedy:
      "Move or rename it, or grant it by a set in deno.json, which 'outrider permissions FILE --format deno.json' prints.",
    example:
      'Cannot grant "read" for "/srv/a,b.json": Deno splits a flag\'s values at commas, so move or rename it, or ' +
      "use a set of permissions, as 'outrider permissions FILE --format deno.json' prints it",
    fields: ["`need`: the permission"],
  },
};

const ARGUMENT_FIELDS = [
  "`template`: its id",
  "`index`: which argument, from 0",
  "`value`: the argument as it may be shown: in quotes and cut short, `***` for a secret",
  "`rule`: the rule that it breaks, in words",
];

/** The codes of failed starts of a sidecar from a template. */
export const TEMPLATE_ERRORS: Readonly<Record<ArgumentErrorCode | "template_unknown", ExplainedCode>> = {
  template_unknown: {
    classes: ["UnknownTemplateError"],
    what: "The manifest has no template of that id.",
    causes: ["a misspelt id", "a template that is for other platforms, and left out on this one"],
    remedy: "Correct the id; the message has the nearest one. 'outrider check' says what is left out.",
    example: 'Cannot find the template "rendr" in the manifest: did you mean "render"?',
    fields: ["`template`: the id"],
  },
  argument_refused: {
    classes: ["ArgumentError"],
    what: "An argument breaks the template's rule for it. Nothing was started.",
    causes: [
      "what a user entered",
      "a rule that is stricter than was meant: it holds for the whole argument",
    ],
    remedy:
      "Give an argument that the rule allows, or change the rule in the manifest. Ask `argsFor` first to tell a user.",
    example: `Cannot start "render": argument 1 is "--all"; it must be "--config"`,
    fields: ARGUMENT_FIELDS,
  },
  argument_missing: {
    classes: ["ArgumentError"],
    what: "There are fewer arguments than the template has rules: each has exactly one. Nothing was started.",
    causes: ["arguments of another version of the manifest", "an empty argument that was left out"],
    remedy: "Give all arguments; an empty text is one.",
    example:
      `Cannot start "render": argument 1 is missing; it takes 2 arguments, and this one must be "--config"`,
    fields: ARGUMENT_FIELDS,
  },
  argument_extra: {
    classes: ["ArgumentError"],
    what: "There are more arguments than the template has rules: each has exactly one. Nothing was started.",
    causes: ["arguments of another version of the manifest", "a text that was split at its spaces"],
    remedy: "Leave out what the template does not take, or add rules to it.",
    example: `Cannot start "render": argument 2 is "--all"; it takes 2 arguments`,
    fields: ARGUMENT_FIELDS,
  },
};
