/**
 * The settings of a language server, as it asks for them by section. Pure; used by `lsp`.
 *
 * A server that gets null for a section that it depends on breaks: those for CSS, HTML and ESLint do. In VS Code they
 * never get it, as the extension around each has defaults. So a section that is not set is an empty object here, and the
 * settings that no server can do without are known.
 */

import type { JsonValue } from "@outrider/outrider";
import { isObject } from "./capabilities.ts";
import type { LspWorkspaceFolder } from "./workspace.ts";

/** Settings by name, as far down as they go. */
export type LspSettings = Readonly<Record<string, unknown>>;

/** Sections that VS Code has without any extension, as far as servers break without them. */
const EDITOR: LspSettings = { "js/ts": { implicitProjectConfig: {} } };

/** The defaults of the ESLint extension for VS Code. Its server asks for all of them at once, and checks none. */
const ESLINT: LspSettings = {
  validate: "on",
  run: "onType",
  quiet: false,
  onIgnoredFiles: "off",
  rulesCustomizations: [],
  problems: { shortenToSingleLine: false },
  codeAction: {
    disableRuleComment: { enable: true, location: "separateLine" },
    showDocumentation: { enable: true },
  },
  codeActionOnSave: { mode: "all" },
  format: false,
  nodePath: null,
  workingDirectory: { mode: "location" },
  experimental: {},
  options: {},
  useESLintClass: true,
};

/** The settings that a server can't do without, by its own capabilities; `folders` are those of the workspace. */
export function neededSettings(
  capabilities: Readonly<Record<string, JsonValue>>,
  folders: readonly LspWorkspaceFolder[] | null,
): LspSettings {
  const { diagnosticProvider } = capabilities;
  if (!isObject(diagnosticProvider) || diagnosticProvider.identifier !== "eslint") return EDITOR;
  const workspaceFolder = folders?.[0];
  return { ...EDITOR, ...ESLINT, ...workspaceFolder && { workspaceFolder } };
}

/**
 * Returns settings as servers take them: a dotted name at the top, as VS Code's `settings.json` has them, becomes the
 * objects that it stands for. Names further down stay: they may be patterns of files.
 */
export function expandSettings(settings: LspSettings): LspSettings {
  return Object.entries(settings).reduce<LspSettings>((expanded, [name, value]) => {
    const nested = name.split(".").reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
    return merged(expanded, nested as LspSettings);
  }, {});
}

/** Returns `settings` with those of `more` over them; objects in both are merged. */
export function merged(settings: LspSettings, more: LspSettings): LspSettings {
  const all = new Map(Object.entries(settings));
  for (const [name, value] of Object.entries(more)) {
    const before = all.get(name);
    all.set(name, isObject(before) && isObject(value) ? merged(before, value) : value);
  }
  return Object.fromEntries(all);
}

/**
 * The answer to one item of `workspace/configuration`: all settings where it names no section, else those under its dotted
 * path. What is not set is `{}` for a section, and null for a setting inside one. `scopeUri` makes no difference.
 */
export function configurationOf(settings: LspSettings, item: unknown): unknown {
  const { section } = isObject(item) ? item : {} as { readonly section?: unknown };
  if (typeof section !== "string" || section === "") return settings;
  let value: unknown = settings;
  for (const key of section.split(".")) {
    if (!isObject(value) || !Object.hasOwn(value, key)) return section.includes(".") ? null : {};
    value = value[key];
  }
  return value;
}
