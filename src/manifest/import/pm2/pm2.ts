/**
 * An `ecosystem.config.json` of pm2, or the same in YAML: its apps as a tree.
 */

import type { EntryInput } from "../../fields/types.ts";
import { isPlainObject } from "../../issue.ts";
import { ForeignObject } from "../foreign_object.ts";
import type { Importer } from "../format.ts";
import { readJson } from "../json_source.ts";
import { LogFileClaims, noteInheritance, ProgramIds, treeName } from "../program.ts";
import { type ImportPath, ImportReport } from "../report.ts";
import { budgetOf } from "../restart_budget.ts";
import { type ReadApp, readApp } from "./app.ts";
import { nameOfApp } from "./program.ts";

/** An app with its place in the tree. */
interface PlacedApp extends ReadApp {
  readonly object: ForeignObject;
  /** The name of its group; without one it is a child of the root. */
  readonly namespace: string | undefined;
}

/** Makes a manifest of the apps. */
export const importPm2: Importer = async (file) => {
  const text = await file.text();
  const isJson = /^\s*(?:[{[]|\/[/*])/.test(text);
  const { value, lineOf } = isJson
    ? await readJson(text, file.path)
    : (await import("../yaml_source.ts")).readYaml(text, file.path);
  const report = new ImportReport(file.path, lineOf);
  const root = isPlainObject(value) && Object.hasOwn(value, "apps")
    ? new ForeignObject(value, [], report)
    : undefined;
  // A list of apps, or one, is a file as well.
  const objects = root === undefined ? appsIn(value, [], report) : appsIn(root.raw("apps"), ["apps"], report);
  root?.leaveOut("deploy", "Outrider deploys nothing");
  root?.leaveOutRest();
  const ids = new ProgramIds(report);
  const groups = new Map<string, string>();
  for (const object of objects) {
    const namespace = namespaceOf(object);
    if (namespace !== undefined && !groups.has(namespace)) {
      groups.set(namespace, ids.give(namespace, object.at("namespace")));
    }
  }
  const hasLimits = objects.some((object) => object.has("max_restarts"));
  const logs = new LogFileClaims(report);
  const apps: PlacedApp[] = [];
  for (const object of objects) {
    const id = ids.give(nameOfApp(object), object.at("name"));
    apps.push({
      object,
      namespace: namespaceOf(object),
      ...await readApp(object, id, { report, file, hasLimits, logs }),
    });
  }
  report.throwFaults();
  noteInheritance(report);
  const children = Map.groupBy(apps, ({ namespace, object }) => namespace ?? object).entries().flatMap(
    ([, members]): EntryInput[] => {
      const group = members[0]!.namespace;
      const entries = members.map(({ child }) => child);
      return group === undefined
        ? entries
        : [{ id: groups.get(group)!, ...budget(members, hasLimits, report), children: entries, after: [] }];
    },
  );
  return {
    manifest: {
      name: treeName(file.dir),
      ...budget(apps.filter(({ namespace }) => namespace === undefined), hasLimits, report),
      children: [...children],
    },
    notes: report.notes,
  };
};

/** The apps among `apps`, which is at `path`: a list, or one. */
function appsIn(apps: unknown, path: ImportPath, report: ImportReport): readonly ForeignObject[] {
  const list = Array.isArray(apps) ? apps : [apps];
  if (apps === undefined || list.length === 0) report.fault(path, 'there is no app under "apps"');
  return list.flatMap((app, index) => {
    const at = Array.isArray(apps) ? [...path, index] : path;
    if (isPlainObject(app)) return [new ForeignObject(app, at, report)];
    if (app !== undefined) report.fault(at, "expected an app, which is an object");
    return [];
  });
}

function namespaceOf(app: ForeignObject): string | undefined {
  const namespace = app.text("namespace");
  return namespace === "default" || namespace === "" ? undefined : namespace;
}

function budget(apps: readonly PlacedApp[], hasLimits: boolean, report: ImportReport) {
  if (!hasLimits) return {};
  const limited = apps.filter(({ restarts }) => restarts !== undefined);
  return budgetOf(
    limited.map(({ object, restarts }) => ({ path: object.at("max_restarts"), restarts })),
    report,
  );
}
