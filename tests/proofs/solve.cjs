// Run the compiler's model checker with z3 as its solver: standard JSON in and out.
//
//   solve.cjs Z3 < input.json
//
// The compiler asks while it runs. Its questions cannot be kept and answered later, since their wording differs from run
// to run. A question that no try answers is answered with `unknown`, which proves nothing.
"use strict";

const childProcess = require("node:child_process");
const fs = require("node:fs");
const solc = require("solc");

const [solver] = process.argv.slice(2);

// z3's older arithmetic is quick with digits, the newer one with products. How long each tries is counted in its own steps,
// so that a busy machine proves what an idle one does.
const TRIES = [
  ["smt.arith.solver=2", "rlimit=1500000"],
  ["smt.arith.solver=6", "rlimit=1000000"],
  ["smt.arith.solver=2", "rlimit=30000000"],
];

function answer(query) {
  for (const options of TRIES) {
    const done = childProcess.spawnSync(solver, ["-smt2", "-in", ...options], {
      input: query,
      encoding: "utf8",
      maxBuffer: 1 << 30,
    });
    if (done.error) throw done.error;
    if (/^(un)?sat$/m.test(done.stdout.split("\n")[0])) return done.stdout;
  }
  return "unknown\n";
}

function answerOrStop(query) {
  try {
    return { contents: answer(query) };
  } catch (error) {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  }
}

fs.writeFileSync(1, solc.compile(fs.readFileSync(0, "utf8"), { smtSolver: answerOrStop }));
