// Puts every golden payload into one TypeScript file, typed as Slack types it, and lets tsc judge.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { spawnSync } = require("node:child_process");

const folder = process.argv[2];
const names = fs.readdirSync(folder).filter((name) => name.endsWith(".json")).sort();
const lines = ['import type { HomeView, KnownBlock, ModalView } from "@slack/types";'];
names.forEach((name, at) => {
  const payload = JSON.parse(fs.readFileSync(path.join(folder, name), "utf8"));
  const kind = { modal: "ModalView", home: "HomeView" }[payload.type];
  const value = JSON.stringify(kind ? payload : payload.blocks, null, 1);
  lines.push(`// ${name}`, `export const payload${at}: ${kind ?? "KnownBlock[]"} = ${value};`);
});
const file = path.join(__dirname, "payloads.ts");
fs.writeFileSync(file, lines.join("\n") + "\n");
const tsc = require.resolve("typescript/bin/tsc");
const args = [tsc, "--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", file];
const judged = spawnSync(process.execPath, args, { stdio: "inherit", cwd: __dirname });
if (judged.status === 0) console.log(`types: ${names.length} payloads pass`);
process.exit(judged.status ?? 1);
