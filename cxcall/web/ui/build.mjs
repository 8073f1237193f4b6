// Bundles src/app.ts and the style sheets into the folder given, with hashed names, a manifest and the licences.
// Run by hatch_build.py, or by hand: node build.mjs ../static/dist
import { build } from "esbuild";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import zlib from "node:zlib";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(process.argv[2]);

const result = await build({
  absWorkingDir: here,
  entryPoints: ["src/app.ts", "src/charts.ts", "src/call.ts", "src/recorder-worklet.ts", "css/app.css", "css/dark.css"],
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  outdir: out,
  bundle: true,
  splitting: true,
  minify: true,
  format: "esm",
  target: "es2022",
  loader: { ".woff2": "file" },
  legalComments: "none", // THIRD_PARTY.txt carries the licences in full
  metafile: true,
  logLevel: "warning",
});

const manifest = {};
for (const [file, info] of Object.entries(result.metafile.outputs)) {
  if (info.entryPoint) manifest[path.basename(info.entryPoint).replace(/\.ts$/, ".js")] = path.basename(file);
}
for (const source of Object.keys(result.metafile.inputs)) {
  if (!source.endsWith(".woff2")) continue;
  const stem = path.basename(source, ".woff2");
  const made = fs.readdirSync(out).find((name) => name.startsWith(stem + "-"));
  manifest[path.basename(source)] = made;
}

for (const name of ["icons.svg", "favicon.svg"]) {
  const drawing = fs.readFileSync(path.join(here, name));
  const digest = createHash("sha256").update(drawing).digest("hex").slice(0, 8).toUpperCase();
  manifest[name] = name.replace(".", `-${digest}.`);
  fs.writeFileSync(path.join(out, manifest[name]), drawing);
}

const shipped = ["htmx.org", "echarts", "zrender", "tslib", "wavesurfer.js", "@fontsource-variable/inter", "@fontsource-variable/vazirmatn"];
const licences = shipped.map((name) => {
  const folder = path.join(here, "node_modules", name);
  const about = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
  const files = ["LICENSE", "LICENSE.md", "LICENSE.txt", "NOTICE"].map((f) => path.join(folder, f)).filter((f) => fs.existsSync(f));
  if (!files.length) throw new Error(`${name} has no licence file`);
  return `## ${about.name} ${about.version}: ${about.license}\n\n${files.map((f) => fs.readFileSync(f, "utf8")).join("\n")}`;
});
fs.writeFileSync(path.join(out, "THIRD_PARTY.txt"), licences.join("\n\n"));

for (const name of fs.readdirSync(out)) {
  if (!/\.(js|css|svg)$/.test(name)) continue;
  const file = path.join(out, name);
  fs.writeFileSync(file + ".gz", zlib.gzipSync(fs.readFileSync(file), { level: 9 }));
  fs.writeFileSync(file + ".br", zlib.brotliCompressSync(fs.readFileSync(file)));
}
fs.writeFileSync(path.join(out, "manifest.json"), JSON.stringify(manifest, null, 1) + "\n");
