// Answers many questions to IAM in one process: a JSON list of simulations on stdin, a list of answers on stdout.
//
// [{"result": "Allowed" | "ImplicitlyDenied" | "ExplicitlyDenied", "ignored": [context keys]} | {"error": {...}}, ...]
// A question that makes no sense to IAM (no such action, no such kind of resource) is an error, never a denial. Questions
// with "unlisted" are about what the Service Authorization Reference leaves out, and are answered without that check.

import { text } from "node:stream/consumers";
import { runSimulation, runUnsafeSimulation } from "@cloud-copilot/iam-simulate";

async function answer({ unlisted, ...simulation }) {
  if (unlisted) return { result: runUnsafeSimulation(simulation, {}), ignored: [] };
  const run = await runSimulation(simulation, {});
  if (run.resultType === "error") return { error: run.errors };
  const results = run.resultType === "single" ? [run.result] : run.results;
  return { result: run.overallResult, ignored: [...new Set(results.flatMap((one) => one.ignoredContextKeys ?? []))] };
}

const answers = [];
for (const simulation of JSON.parse(await text(process.stdin))) {
  answers.push(await answer(simulation));
}
process.stdout.write(JSON.stringify(answers));
