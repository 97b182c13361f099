// The folder tells where a file may run; these rules are that sentence, made checkable.
const only = (name, folder, packages) => ({
  name,
  comment: `${packages} may be imported only from ${folder}`,
  severity: 'error',
  from: { path: '^src/', pathNot: `^${folder}` },
  to: { path: packages },
});
const never = (name, from, to) => ({ name, severity: 'error', from: { path: from }, to: { path: to } });

module.exports = {
  forbidden: [
    {
      name: 'core-is-pure',
      comment: 'src/core imports itself and zod: every process shares it',
      severity: 'error',
      from: { path: '^src/core/', pathNot: '^src/core/rpc/' },
      to: { pathNot: '^(src/core/|node_modules/zod/)' },
    },
    {
      name: 'core-rpc-adds-birpc',
      comment: 'birpc is plain JavaScript, and both ends of a connection need the same client',
      severity: 'error',
      from: { path: '^src/core/rpc/' },
      to: { pathNot: '^(src/core/|node_modules/(zod|birpc)/)' },
    },
    never('worker-imports-core-only', '^src/worker/', '^src/(main|renderer)/'),
    never('node-imports-core-only', '^src/node/', '^src/(main|worker|renderer)/'),
    never('renderer-imports-core-only', '^src/renderer/', '^src/(main|worker|node)/'),
    never('main-never-loads-the-worker', '^src/main/', '^src/(worker|renderer)/'),
    {
      name: 'services-see-storage-and-process-as-types',
      severity: 'error',
      from: { path: '^src/main/services/' },
      to: { path: '^src/main/(storage|process|datasets|reports)/', dependencyTypesNot: ['type-only'] },
    },
    never(
      'services-know-no-host',
      '^src/main/(services|storage|process|datasets|reports|rpc)/',
      '^src/main/(electron|headless|cli)/',
    ),
    never('hosts-are-separate', '^src/main/(headless|cli)/', '^src/main/electron/'),
    only('electron-has-one-home', 'src/main/electron/', '^(node_modules/)?electron(/|$)'),
    only('sqlite-has-one-home', 'src/main/storage/', 'node_modules/(better-sqlite3|@types/better-sqlite3)/'),
    only('tfjs-has-one-home', 'src/worker/', 'node_modules/(@tensorflow|onnxruntime-node|webgpu)/'),
    {
      name: 'no-cycles',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'resolvable', severity: 'error', from: { path: '^src/' }, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.mjs', '.js', '.vue', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
