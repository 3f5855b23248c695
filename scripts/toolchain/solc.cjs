#!/usr/bin/env node
// Stand where the native Solidity compiler would: npm's `solc`, behind the options that py-solc-x and Brownie use.
//
//   solc.cjs --version
//   solc.cjs --standard-json [FILE] [--base-path DIR] [--include-path DIR]… [--allow-paths DIR,…] [prefix=target …]
//
// Imports are read from disk, below the base path (the working folder if none is named), the include paths and the
// allowed paths only. CONSENTRY_SOLC_CACHE names a folder in which outputs are kept; an entry counts only while the
// compiler, the input and the bytes of every file that was read are the same.
"use strict";

const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const zlib = require("node:zlib");

const KEPT_OUTPUTS = 12;
const POLL_MILLISECONDS = 5;

function main(words) {
  const options = parse(words);
  if (options.version) {
    const said = `solc, the solidity compiler commandline interface\nVersion: ${compilerVersion()}\n`;
    writeFully(1, Buffer.from(said));
    return 0;
  }
  if (!options.standardJson) {
    throw new UsageError("only --version and --standard-json are served here");
  }
  const text = fs.readFileSync(options.file ?? 0, "utf8");
  const input = JSON.parse(text);
  if (options.remappings.length > 0) {
    input.settings = { ...input.settings };
    input.settings.remappings = [...(input.settings.remappings ?? []), ...options.remappings];
  }
  writeFully(1, Buffer.from(compileCached(input, options)));
  return 0;
}

class UsageError extends Error {}

function parse(words) {
  const options = {
    version: false,
    standardJson: false,
    file: undefined,
    basePath: process.cwd(),
    includePaths: [],
    allowPaths: [],
    remappings: [],
  };
  const rest = [...words];
  const valueOf = (option, joined) => {
    const value = joined ?? rest.shift();
    if (value === undefined) throw new UsageError(`${option} takes a value`);
    return value;
  };
  while (rest.length > 0) {
    const word = rest.shift();
    const [option, joined] = word.startsWith("--") ? split(word) : [word, undefined];
    if (option === "--version") options.version = true;
    else if (option === "--standard-json") options.standardJson = true;
    else if (option === "--base-path") options.basePath = path.resolve(valueOf(option, joined));
    else if (option === "--include-path") options.includePaths.push(path.resolve(valueOf(option, joined)));
    else if (option === "--allow-paths") options.allowPaths.push(...folders(valueOf(option, joined)));
    else if (word.startsWith("-")) throw new UsageError(`unrecognised option '${word}'`);
    else if (word.includes("=")) options.remappings.push(word);
    else options.file = word;
  }
  return options;
}

function split(word) {
  const at = word.indexOf("=");
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

function folders(list) {
  return list
    .split(",")
    .filter((item) => item !== "")
    .map((item) => path.resolve(item));
}

// The set-up asks once and names the answer, since loading the compiler to hear its version takes half a second.
function compilerVersion() {
  const kept = process.env.CONSENTRY_SOLC_VERSION;
  return kept !== undefined && kept !== "" ? kept : require("solc").version();
}

function compileCached(input, options) {
  const folder = process.env.CONSENTRY_SOLC_CACHE;
  if (folder === undefined || folder === "") return compile(input, options).output;
  const about = [compilerVersion(), options.basePath, options.includePaths];
  const key = sha256(JSON.stringify([about, canonical(input)]));
  const entry = path.join(folder, `${key}.json.gz`);
  const kept = readKept(entry);
  if (kept !== undefined) {
    fs.utimesSync(entry, new Date(), new Date());
    return kept;
  }
  const { output, reads, isRefused } = compile(input, options);
  if (!isRefused) keep(folder, entry, { reads, output });
  return output;
}

function compile(input, options) {
  const roots = [options.basePath, ...options.includePaths];
  const allowed = [...roots, ...options.allowPaths].map(real);
  const reads = [];
  let isRefused = false;
  const callback = (name) => {
    const found = new Set(roots.map((root) => path.resolve(root, name)).filter((file) => fs.existsSync(file)));
    if (found.size > 1) {
      isRefused = true;
      return { error: `Ambiguous import: ${[...found].join(", ")}` };
    }
    const [file] = found;
    if (file === undefined) {
      reads.push([path.resolve(options.basePath, name), null]);
      return { error: "File not found." };
    }
    if (!allowed.some((folder) => isBelow(folder, real(file)))) {
      isRefused = true;
      return { error: "File outside of allowed directories." };
    }
    const contents = fs.readFileSync(file, "utf8");
    reads.push([file, sha256(contents)]);
    return { contents };
  };
  const output = require("solc").compile(JSON.stringify(input), { import: callback });
  return { output, reads, isRefused };
}

function real(file) {
  return fs.existsSync(file) ? fs.realpathSync(file) : path.resolve(file);
}

function isBelow(folder, file) {
  const step = path.relative(folder, file);
  return step === "" || (step.split(path.sep)[0] !== ".." && !path.isAbsolute(step));
}

function readKept(entry) {
  if (!fs.existsSync(entry)) return undefined;
  let kept;
  try {
    kept = JSON.parse(zlib.gunzipSync(fs.readFileSync(entry)).toString("utf8"));
  } catch (error) {
    process.stderr.write(`solc: a kept output cannot be read (${error.message}); it is compiled again\n`);
    return undefined;
  }
  const same = kept.reads.every(([file, hash]) =>
    hash === null ? !fs.existsSync(file) : fs.existsSync(file) && sha256(fs.readFileSync(file, "utf8")) === hash,
  );
  return same ? kept.output : undefined;
}

function keep(folder, entry, value) {
  fs.mkdirSync(folder, { recursive: true });
  const partial = `${entry}.${process.pid}.partial`;
  fs.writeFileSync(partial, zlib.gzipSync(JSON.stringify(value), { level: 1 }));
  fs.renameSync(partial, entry);
  const entries = fs
    .readdirSync(folder)
    .filter((name) => name.endsWith(".json.gz"))
    .map((name) => path.join(folder, name))
    .map((file) => ({ file, usedAt: fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((one, other) => other.usedAt - one.usedAt);
  for (const { file } of entries.slice(KEPT_OUTPUTS)) fs.rmSync(file, { force: true });
}

function canonical(value) {
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, canonical(value[key])]),
  );
}

function sha256(text) {
  return crypto.createHash("sha256").update(text).digest("hex");
}

// A pipe takes what it has room for, and says EAGAIN when it has none.
function writeFully(descriptor, bytes) {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let at = 0; at < bytes.length; ) {
    try {
      at += fs.writeSync(descriptor, bytes, at);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
      Atomics.wait(pause, 0, 0, POLL_MILLISECONDS);
    }
  }
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(error instanceof UsageError ? `${error.message}\n` : `Error: ${error.stack ?? error}\n`);
  process.exitCode = 1;
}
