// Bundles the page: web/src → src/whitelight/studio/static. The first line of app.js names the sources it was built from,
// so that a test without node can tell whether the committed bundle is theirs.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, "..", "src", "whitelight", "studio", "static");

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else yield path;
  }
}

/** SHA-256 over "path\0content\0" of web/src and package-lock.json, sorted by path. */
function fingerprint() {
  const hash = createHash("sha256");
  const sources = [...files(join(here, "src")), join(here, "package-lock.json")];
  const named = sources.map((path) => [relative(here, path).split("\\").join("/"), path]);
  for (const [name, path] of named.sort((a, b) => (a[0] < b[0] ? -1 : 1))) {
    hash.update(name).update("\0").update(readFileSync(path)).update("\0");
  }
  return hash.digest("hex");
}

mkdirSync(out, { recursive: true });
await build({
  entryPoints: {
    app: join(here, "src", "main.tsx"),
    "sound-engine": join(here, "src", "audio", "engine.worklet.ts"), // the audio thread
    "sound-maker": join(here, "src", "audio", "maker.worker.ts"), // a worker
  },
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  banner: { js: `/* built from ${fingerprint()} */`, css: "/* see app.js */" },
  logLevel: "info",
});
copyFileSync(join(here, "src", "index.html"), join(out, "index.html"));

// what is bundled keeps its licenses
const bundled = ["preact", "@preact/signals", "@preact/signals-core"];
const licenses = bundled.map((name) => `${name}\n\n${readFileSync(join(here, "node_modules", name, "LICENSE"), "utf8").trim()}\n`);
writeFileSync(join(out, "licenses.txt"), licenses.join("\n----\n\n"));
