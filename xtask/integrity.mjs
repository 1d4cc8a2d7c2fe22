/** Prints the integrity of files as JSON: `node integrity.mjs <sha256|sha384> <folder> <file>…`. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const [algorithm, folder, ...names] = process.argv.slice(2);
const integrityOf = (name) => {
  const hash = createHash(algorithm).update(readFileSync(join(folder, name)));
  return `${algorithm}-${hash.digest("base64")}`;
};
console.log(JSON.stringify(Object.fromEntries(names.map((name) => [name, integrityOf(name)]))));
