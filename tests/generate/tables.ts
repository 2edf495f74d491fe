/**
 * The tables of the docs: between `<!-- fields NAME -->` and `<!-- end -->` stands what the fields of that name say.
 */
import { defaultText, type Place, valueText } from "../../src/options/defaults.ts";
import type { Field, Property, ShapeField } from "../../src/options/field.ts";
import { MANIFEST_PRESET, type Preset, PRESETS } from "../../src/options/presets.ts";
import { MAX_MEMORY, type MeasureName, MEASURES } from "../../src/options/units.ts";

/** The longest cell of a table: what fits a terminal. */
export const MAX_CELL = 100;

/** Some keys of an object, in a table. */
export interface TableOf {
  readonly fields: Readonly<Record<string, Property>>;
  readonly defaults: ShapeField["defaults"];
}

/** A page with its tables as they are now. */
export function withTables(page: string, tables: Readonly<Record<string, () => string>>): string {
  return page.replaceAll(/<!-- fields (.+?) -->\n[\s\S]*?<!-- end -->/g, (_, name: string) => {
    const table = tables[name];
    if (table === undefined) throw new RangeError(`There is no table of that name: ${name}`);
    return `<!-- fields ${name} -->\n\n${table()}\n\n<!-- end -->`;
  });
}

/** The table of some keys: name, default, what it may be, what it means. */
export function fieldTable({ fields, defaults }: TableOf): string {
  const place = { preset: PRESETS[MANIFEST_PRESET], defaults };
  const rows = Object.entries(fields).map(([key, property]) => [
    property.see === undefined ? `\`${key}\`` : `[\`${key}\`](${property.see})`,
    defaultCell(key, property, place),
    valuesOf(property.field),
    property.says,
  ]);
  return table(["field", "default", "value", "meaning"], rows);
}

function defaultCell(key: string, property: Property, address: Place): string {
  if (property.isRequired) return "needed";
  const text = defaultText(property, key, address);
  if (text === "" && property.field.kind === "dict") return "none";
  if (text === "" || property.otherwise !== undefined || text === "none") return text;
  return `\`${text}\``;
}

/** What a field may be, in a few words. */
function valuesOf(field: Field): string {
  switch (field.kind) {
    case "number":
      return `${field.min.toLocaleString("en")} to ${field.max.toLocaleString("en")}`;
    case "duration":
    case "size": {
      const range = field.max === undefined || field.max === MAX_MEMORY
        ? ""
        : `, ${written(field.min, field.kind)} to ${written(field.max, field.kind)}`;
      return [`a ${field.kind}${range}`, ...(field.words ?? [])].join(" or ");
    }
    case "flag":
      return "true or false";
    case "word": {
      const all = field.words.map((word) => `\`${word}\``).join(", ");
      return all.length <= MAX_CELL ? all : "a word";
    }
    case "list":
    case "tuple":
      return "a list";
    case "dict":
    case "shape":
      return "an object";
    case "union":
      return [...new Set(field.of.map(valuesOf))].join(" or ");
    case "literal":
      return [...field.older ?? [], field.value].map((value) => `\`${value}\``).join(", ");
    case "any":
      return "anything";
    case "scalar":
      return "a text, a number, true, false, null";
    case "lazy":
      return valuesOf(field.of());
    default:
      return "text";
  }
}

/** A quantity in the largest unit that it is a whole number of. */
function written(value: number, name: MeasureName): string {
  const units = Object.entries(MEASURES[name].units).sort(([, a], [, b]) => b - a);
  const [unit, scale] = units.find(([, scale]) => value >= scale && value % scale === 0) ?? ["", 1];
  return `${value / scale}${unit}`;
}

/** The presets side by side. */
export function presetTable(): string {
  const parts = Object.keys(PRESETS.otp) as (keyof Preset)[];
  const rows = parts.flatMap((part) =>
    Object.keys(PRESETS.otp[part]).map((key) => [
      PART_NAMES[part] ?? part,
      `\`${key}\``,
      ...Object.values(PRESETS).map((preset) => key === "env" ? "none" : presetCell(preset[part][key])),
    ])
  );
  return table(["of", "option", ...Object.keys(PRESETS).map((name) => `\`${name}\``)], rows);
}

function presetCell(value: unknown): string {
  const text = valueText(value);
  return text === "" ? "as below" : text === "none" ? text : `\`${text}\``;
}

/** What parts of presets are called where their own names say too little. */
const PART_NAMES: Readonly<Partial<Record<keyof Preset, string>>> = {
  root: "the root of a manifest",
  dynamicSupervisor: "dynamic supervisor",
  start: "the start of a sidecar",
  speakingStop: "stop, with a protocol",
  silentStop: "stop, without a protocol",
  restartRules: "restart, as an object",
  dependency: "after, as an object",
  tcp: "probe, tcp",
  last: "until, last",
};

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  for (const cell of rows.flat()) {
    if (cell.length > MAX_CELL) throw new RangeError(`A cell of ${cell.length} characters: ${cell}`);
  }
  const lines = [head, head.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`).join(
    "\n",
  );
}
