import type { Encoding, ImportChoices, ImportWarning } from '../../../core/contract/datasetImport.ts';

const count = (value: number): string => value.toLocaleString('en');
const counted = (value: number, one: string, many: string): string => `${count(value)} ${value === 1 ? one : many}`;

const encodings: Record<Encoding, string> = {
  numeric: 'Number',
  oneHot: 'One-hot',
  ordinal: 'Ordinal',
  ignore: 'Leave out',
};
const missing: Record<NonNullable<ImportChoices['missing']>, string> = {
  mean: 'Fill with the mean of the training rows',
  zero: 'Fill with 0',
  dropRow: 'Drop the row',
  refuse: 'Stop the import',
};
const normalize: Record<NonNullable<ImportChoices['normalize']>, string> = {
  standardize: 'Mean 0, deviation 1',
  minMax: 'From 0 to 1',
  none: 'As it is',
};
const splitKinds: Record<NonNullable<ImportChoices['split']>['kind'], string> = {
  random: 'At random',
  stratified: 'At random within each class',
  fixed: 'By the files or folders',
  column: 'By a column that says train or test',
  group: 'At random, groups kept together',
};

/** Why a warning matters and what can be done, beside the host's own sentence. */
const lessons: Partial<Record<ImportWarning['kind'], string>> = {
  missingValues: 'Whatever fills them is an assumption. The filled-in value is learned from the training rows only.',
  infiniteValues: 'An infinite feature makes every update infinite, so it is treated as missing.',
  constantColumn: 'A feature that never changes cannot help to tell rows apart.',
  idColumn:
    'A model can learn the order of the rows from it, looks excellent here and fails on new data. Bring it back only if it means something.',
  leakingColumn:
    'If it is only known after the answer is, a model that uses it is of no use later. Leave it out unless you know better.',
  tooManyValues:
    'One-hot would need a feature for each. Group rare values before importing, or use the place in order.',
  oneClass: 'Choose another target, or add data of the other classes.',
  imbalance:
    'Always guessing the largest class already looks accurate. Split within each class, and compare the loss rather than the accuracy.',
  duplicates: 'A row in both the training and the test part lets a model look better than it is.',
  encoding: 'Look at the preview: letters that look wrong mean another encoding.',
  precision: 'Numbers are kept as 32-bit floats, about 7 digits.',
  skippedFile: 'Everything else is imported.',
  resized: 'All samples of a dataset have the same shape.',
};

/** Bringing files into the workbench. */
export const imports = {
  title: 'Import a dataset',
  subtitle: 'Look at it first; nothing is kept until you import',
  open: 'Import',
  openTip: 'Bring in a table, images or arrays of your own',
  startOver: 'Choose other files',
  discard: 'Discard',
  pending: (name: string) => `The import of “${name}” is not finished.`,
  goOn: 'Go on with it',

  drop: {
    title: 'Drop to import',
    text: 'Tables, images, NumPy arrays, archives: files or a whole folder',
  },
  start: {
    title: 'Drop files or a folder here',
    text: 'CSV, JSON lines, Parquet, Arrow, Excel, NumPy, HDF5, MNIST and CIFAR files, folders of images, and archives of these. What it is, is told by its content.',
    files: 'Choose files…',
    folder: 'Choose a folder…',
    path: 'or a path on this machine',
    remotePath: 'or a path on the machine of the workbench',
    pathPlaceholder: '/data/flowers',
    look: 'Look at it',
    formats: 'How folders of images are read',
    formatsText:
      'Each folder is a class: flowers/roses/1.jpg is a rose. Folders named train, val or test around them become the parts of the dataset.',
  },

  sending: (name: string) => `Sending “${name}” to the workbench`,
  sent: (done: string, all: string, files: number) => `${done} of ${all}, ${counted(files, 'file', 'files')} there`,
  inspecting: 'Looking at the files…',
  importing: (name: string) => `Importing “${name}”`,
  stages: { unpacking: 'Unpacking', reading: 'Reading', writing: 'Writing' } as Readonly<Record<string, string>>,
  stage: (stage: string, percent: number, rows: number) =>
    `${stage} ${percent} %${rows > 0 ? `, ${counted(rows, 'row', 'rows')}` : ''}`,
  eta: (duration: string) => `about ${duration} left`,
  cancel: 'Cancel',
  import: 'Import',
  importTip: 'Imports with the choices as shown',
  refreshing: 'Looking again…',
  notImported: 'The import failed',
  cannotRead: 'This cannot be imported as it is',
  choicesKept: 'Your choices are as they were.',
  failed: 'The files could not be taken',
  again: 'Look again',

  found: {
    title: 'What was found',
    name: 'Name',
    format: 'Format',
    files: 'Files',
    moreFiles: (more: number) => `and ${count(more)} more`,
    rows: 'Rows',
    images: 'Images',
    firstRows: 'more than the first rows, which are what is shown here',
    columns: 'Columns',
    delimiter: 'Separator',
    delimiters: { ',': 'Comma', ';': 'Semicolon', '\t': 'Tab', '|': 'Bar', ' ': 'Space' } as Record<string, string>,
    decimal: 'Decimals',
    decimals: { '.': '1.5', ',': '1,5' } as Record<string, string>,
    header: 'First row',
    headers: { true: 'Names', false: 'Data' },
    encoding: 'Letters',
    guessed: 'As guessed',
    sheet: 'Sheet',
    samples: 'Samples',
    samplesHint: 'The array with one sample per row',
    targets: 'Targets',
    targetsHint: 'The array with the class or number of each sample',
    shape: (shape: readonly number[]) => (shape.length === 0 ? 'a single value' : shape.map(count).join(' × ')),
  },

  target: {
    title: 'What is to be predicted',
    target: 'Target',
    task: 'Task',
    tasks: { classes: 'One of several classes', regression: 'A number' },
  },

  columns: {
    title: 'Columns',
    label: 'Columns of the table',
    facts: (features: number, ignored: number) =>
      `${counted(features, 'feature', 'features')}${ignored > 0 ? `, ${count(ignored)} left out` : ''}`,
    filter: 'Filter by name',
    none: 'No column has such a name.',
    name: 'Column',
    type: 'Type',
    types: {
      number: 'number',
      integer: 'integer',
      text: 'text',
      mixed: 'mixed',
      date: 'date',
      empty: 'empty',
    } as Record<string, string>,
    missing: 'Missing',
    distinct: 'Different',
    manyDistinct: 'many',
    values: 'Values',
    use: 'Used as',
    useOf: (name: string) => `Use of the column ${name}`,
    asTarget: 'Target',
    encodings,
    all: (shown: number) => `Use all ${count(shown)} as…`,
    range: (from: string, to: string, mean: string) => `from ${from} to ${to}, mean ${mean}`,
    top: (values: readonly { value: string; count: number }[]) =>
      values.map((entry) => `${entry.value === '' ? '(nothing)' : entry.value}: ${count(entry.count)}`).join(', '),
    infinite: (cells: number) => `${counted(cells, 'infinite value', 'infinite values')}`,
  },

  values: {
    title: 'Values',
    missing: 'Missing values',
    missingOptions: missing,
    normalize: 'Normalisation',
    normalizeHint:
      'Fitted on the training rows only, so that nothing of the test rows leaks; stored values stay as they are',
    normalizeOptions: normalize,
  },

  images: {
    title: 'Images',
    height: 'Height',
    width: 'Width',
    channels: 'Colours',
    channelOptions: { '1': 'Greyscale', '3': 'Red, green, blue' } as Record<string, string>,
    fit: 'Other shapes',
    fits: { crop: 'Cut the edges off', stretch: 'Stretch', pad: 'Add black bars' },
    onCorrupt: 'Unreadable images',
    corruptOptions: { skip: 'Leave out and list', stop: 'Stop the import' },
    link: 'Pixels',
    linkHint:
      'Copied images train faster and do not change. Images that stay are decoded each time and must not be moved; folders of more than 8 GB of pixels stay unless you say otherwise',
    linkOptions: { false: 'Copy', true: 'Leave in place' } as Record<string, string>,
    linked: 'read where they are',
    memory: (bytes: string) => `${bytes} on disk`,
    sizes: 'Sizes found',
    size: (width: number, height: number, images: number) => `${width} × ${height}: ${count(images)}`,
    samples: 'Some of each class, as they will be stored',
    sampleLabel: (name: string, file: string) => `${name}, from ${file}`,
  },

  split: {
    title: 'Parts',
    kind: 'Split',
    kinds: splitKinds,
    test: 'Test share',
    testHint: 'Rows kept apart to report on',
    validation: 'Validation share',
    validationHint: 'Rows kept apart to choose by; 0 lets each run take its own out of the training part',
    seed: 'Seed',
    seedHint: 'The same seed deals the same rows',
    column: 'Column',
    counts: (train: string, validation: string, test: string) =>
      `about ${train} train${validation === '0' ? '' : `, ${validation} validation`}, ${test} test`,
  },

  warnings: {
    title: 'Worth knowing',
    none: 'Nothing looks odd.',
    lessons,
    more: (more: number) => `and ${count(more)} more`,
  },
  balance: 'Class balance',
  classes: (classes: number) => counted(classes, 'class', 'classes'),
  moreClasses: (more: number) => `and ${count(more)} more`,
  preview: 'First rows',
  moreColumns: (more: number) => `and ${count(more)} more`,

  result: {
    imported: (name: string) => `“${name}” is imported`,
    same: (name: string) => `This data is there already as “${name}”`,
    facts: (rows: number, shape: readonly number[], classes: number) =>
      `${counted(rows, 'row', 'rows')} of ${shape.length === 1 ? counted(shape[0]!, 'feature', 'features') : shape.join(' × ')}${classes > 0 ? `, ${counted(classes, 'class', 'classes')}` : ', a number to predict'}`,
    train: 'Train on it',
    show: 'Show dataset',
    another: 'Import another',
  },
};
