// Graphs in Graphviz's language to SVG: JSON {name: graph} on stdin, JSON {name: svg} on stdout.
import { readFileSync } from 'node:fs';
import { Graphviz } from '@hpcc-js/wasm-graphviz';

const graphviz = await Graphviz.load();
const graphs = JSON.parse(readFileSync(0, 'utf8'));
// Graphviz's labels of one style are centred, its formatted ones are not: titles become bold here.
const bold = (svg) => svg.replace(/(<g [^>]*class="node">[\s\S]*?<text )/g, '$1font-weight="bold" ');
process.stdout.write(JSON.stringify(Object.fromEntries(Object.entries(graphs).map(([name, dot]) => [name, bold(graphviz.dot(dot))]))));
