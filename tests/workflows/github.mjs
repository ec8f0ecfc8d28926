// GitHub's own parser of workflows and its own expressions: node github.mjs parse FILE..., or evaluate < [[EXPRESSION, CONTEXT], ...]
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";

// The parser imports its schema as bundlers allow it; Node wants to be told that it is JSON.
registerHooks({
  load: (url, context, next) =>
    next(url, url.endsWith(".json") ? { ...context, importAttributes: { type: "json" } } : context),
});
const { parseWorkflow, convertWorkflowTemplate, NoOperationTraceWriter } = await import("@actions/workflow-parser");
const { data, Evaluator, Lexer, Parser } = await import("@actions/expressions");

async function errors(file) {
  const { context, value } = parseWorkflow({ name: file, content: readFileSync(file, "utf8") }, new NoOperationTraceWriter());
  if (value) await convertWorkflowTemplate(context, value);
  return context.errors.getErrors().map((error) => `${file}: ${error.message}`);
}

function evaluate([expression, context]) {
  const { tokens } = new Lexer(expression).lex();
  const parsed = new Parser(tokens, Object.keys(context), []).parse();
  return new Evaluator(parsed, JSON.parse(JSON.stringify(context), data.reviver)).evaluate().coerceString();
}

const [task, ...files] = process.argv.slice(2);
const answer = task === "parse" ? (await Promise.all(files.map(errors))).flat() : JSON.parse(readFileSync(0, "utf8")).map(evaluate);
process.stdout.write(JSON.stringify(answer));
