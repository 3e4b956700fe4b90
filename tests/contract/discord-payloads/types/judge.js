// Puts every golden payload into one TypeScript file, typed as Discord's API is, and lets tsc judge.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { spawnSync } = require("node:child_process");

const folder = process.argv[2];
const names = fs.readdirSync(folder).filter((name) => name.endsWith(".json")).sort();
const types = {
  commands: "RESTPutAPIApplicationCommandsJSONBody",
  modal: "APIModalInteractionResponseCallbackData",
  message: "RESTPostAPIChannelMessageJSONBody",
  callback: "APIInteractionResponse",
};
function kindOf(payload) {
  if (Array.isArray(payload)) return "commands";
  if (payload.callback) return "callback";
  return payload.body.title ? "modal" : "message";
}
const lines = [`import type { ${Object.values(types).join(", ")} } from "discord-api-types/v10";`];
names.forEach((name, at) => {
  const payload = JSON.parse(fs.readFileSync(path.join(folder, name), "utf8"));
  const kind = kindOf(payload);
  const value = JSON.stringify(payload.callback ?? payload.body ?? payload, null, 1);
  lines.push(`// ${name}`, `export const payload${at}: ${types[kind]} = ${value};`);
});
const file = path.join(__dirname, "payloads.ts");
fs.writeFileSync(file, lines.join("\n") + "\n");
const tsc = require.resolve("typescript/bin/tsc");
const args = [tsc, "--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", file];
const judged = spawnSync(process.execPath, args, { stdio: "inherit", cwd: __dirname });
if (judged.status === 0) console.log(`types: ${names.length} payloads pass`);
process.exit(judged.status ?? 1);
