/** Builds the two peers as a product team would ship them: one minified production file each. */
import { build } from "esbuild";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Name of a peer → the library that draws it. */
export const PEERS = { preact: "preact", react: "react" };

/** Resolves to the text of the script. */
export async function buildPeer(name) {
  const result = await build({
    entryPoints: [here("./peer/mount.js")],
    alias: { ui: here(`./peer/${name}.js`) },
    bundle: true,
    define: { "process.env.NODE_ENV": '"production"' },
    format: "iife",
    jsx: "automatic",
    jsxImportSource: PEERS[name],
    legalComments: "none",
    loader: { ".css": "text" },
    minify: true,
    nodePaths: [here("../../node_modules")],
    plugins: [minifiedStyle, usedTexts],
    target: "es2020",
    write: false,
  });
  return result.outputFiles[0].text;
}

/** The style is a text for esbuild, so it would be left as it is written. */
const minifiedStyle = {
  name: "minified style",
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { outputFiles } = await build.esbuild.build({
        entryPoints: [path],
        minify: true,
        target: "es2020",
        write: false,
      });
      return { contents: outputFiles[0].text, loader: "text" };
    });
  },
};

/** What the peers never say is not in their download. */
const UNUSED_TEXT = /^(confirm|declined|fallback|game|news|session_expired|tone)\./;
const usedTexts = {
  name: "used texts",
  setup(build) {
    build.onLoad({ filter: /locale\/\w+\.json$/ }, async ({ path }) => {
      const texts = Object.entries(JSON.parse(await readFile(path, "utf8")));
      const used = texts.filter(([key]) => !UNUSED_TEXT.test(key));
      return { contents: JSON.stringify(Object.fromEntries(used)), loader: "json" };
    });
  },
};
