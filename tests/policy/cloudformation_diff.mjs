// What AWS's own comparison of templates, the one of `cdk diff`, says of pairs of templates on standard input:
// [[before, after], ...] becomes [{logical id: impact}, ...].
import { readFileSync } from "node:fs";
import diff from "@aws-cdk/cloudformation-diff";

function impacts([before, after]) {
  const { resources } = diff.fullDiff(before, after);
  return Object.fromEntries(resources.logicalIds.map((id) => [id, resources.get(id).changeImpact]));
}

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(impacts)));
