// The floor: what aws-cdk-lib itself costs for these templates, in plain JavaScript.
//
//     node floor.mjs <cdk.out>
//
// Replays every synthesized template as CfnResources and CfnOutputs, in one Stage per environment. No construct is
// composed, nothing is decided and no other language is called: what is left is aws-cdk-lib's own tree, references,
// validation and files. Context and output folder come from the variables that the CDK CLI sets, as for app.py.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnOutput, CfnResource, Stack, Stage } from 'aws-cdk-lib/core';

const read = (...path) => JSON.parse(readFileSync(join(...path), 'utf8'));
const artifacts = (folder, type) => Object.values(read(folder, 'manifest.json').artifacts).filter((artifact) => artifact.type === type);

function replayStack(stage, { displayName, environment, properties }, folder) {
  const template = read(folder, properties.templateFile);
  const [, account, region] = environment.match(/^aws:\/\/([^/]+)\/(.+)$/);
  const stack = new Stack(stage, displayName.split('/').at(-1), {
    env: { account, region },
    description: template.Description,
    tags: properties.tags,
    terminationProtection: properties.terminationProtection,
  });
  for (const [id, { Type: type, Properties, ...attributes }] of Object.entries(template.Resources)) {
    const resource = new CfnResource(stack, id, { type, properties: Properties });
    resource.overrideLogicalId(id);
    for (const [name, value] of Object.entries(attributes)) resource.addOverride(name, value);
  }
  for (const [id, { Value: value, Description: description }] of Object.entries(template.Outputs ?? {})) {
    new CfnOutput(stack, `Output${id}`, { value, description }).overrideLogicalId(id);
  }
}

const [assembly] = process.argv.slice(2);
const app = new App({ treeMetadata: false, stackTraces: false }); // as flux_infra/apps/entry.py
for (const { properties } of artifacts(assembly, 'cdk:cloud-assembly')) {
  const stage = new Stage(app, properties.displayName);
  const folder = join(assembly, properties.directoryName);
  for (const artifact of artifacts(folder, 'aws:cloudformation:stack')) replayStack(stage, artifact, folder);
}
app.synth();
