/**
 * Mutation testing, a file at a time: each is held against the tests of its own name alone, so that
 * a mutant costs the loading of one test file and not of all. Prints what was killed, per file and
 * in all; ends with 1 where that is less than the goal. A name narrows it: `npm run mutants cursor`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Percent. */
const goal = 85;

const files = {
  'src/platform/cursor.ts': 'tests/platform/cursor.test.ts',
  'src/policy/policy-rules.ts': 'tests/policy/policy-rules.test.ts',
  'src/relationships/relationship-rules.ts': 'tests/relationships/relationship-rules.test.ts',
  'src/joint/joint-rules.ts': 'tests/joint/joint-rules.test.ts',
  'src/views/view-rules.ts': 'tests/views/view-rules.test.ts',
  'src/sharing/sharing-rules.ts': 'tests/sharing/sharing-rules.test.ts',
  'src/projection/narrowing-rules.ts': 'tests/projection/narrowing-rules.test.ts',
  'src/projection/projection-rules.ts': 'tests/projection/projection-rules.test.ts',
  'src/projection/compilation-rules.ts': 'tests/projection/compilation-rules.test.ts',
};

const folder = import.meta.dirname;
const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
const home = mkdtempSync(join(tmpdir(), 'sluice-mutants-'));

/** Runs Stryker on one file; answers how many of its mutants came to which end. */
function run(file, tests) {
  const [config, report] = [join(home, 'stryker.json'), join(home, 'report.json')];
  const jest = { ...read(join(folder, 'jest.mutants.json')), testMatch: [`<rootDir>/${tests}`] };
  const stryker = read(join(folder, 'stryker.config.json'));
  const given = { mutate: [file], jsonReporter: { fileName: report } };
  writeFileSync(
    config,
    JSON.stringify({ ...stryker, ...given, jest: { ...stryker.jest, config: jest } }),
  );
  const { status, stdout, stderr } = spawnSync('npx', ['stryker', 'run', config], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`Stryker failed on ${file}:\n${stdout}${stderr}`);
  return Object.values(read(report).files).flatMap(({ mutants }) => mutants);
}

const word = process.argv[2] ?? '';
const percent = (part, whole) => (whole === 0 ? 100 : (part / whole) * 100).toFixed(1);
const all = { killed: 0, counted: 0, timedOut: 0 };
try {
  for (const [file, tests] of Object.entries(files)) {
    if (!file.includes(word)) continue;
    const mutants = run(file, tests);
    const withStatus = (...names) => mutants.filter(({ status }) => names.includes(status));
    const timedOut = withStatus('Timeout').length;
    const killed = withStatus('Killed').length + timedOut;
    const left = withStatus('Survived', 'NoCoverage');
    // A mutant may break the loading of its file; many of them mean that the tests could not run.
    const broken = withStatus('RuntimeError', 'CompileError');
    if (broken.length > mutants.length / 20) {
      throw new Error(`The tests of ${file} could not run:\n${broken[0].statusReason}`);
    }
    const counted = killed + left.length;
    all.killed += killed;
    all.counted += counted;
    all.timedOut += timedOut;
    process.stdout.write(
      `${percent(killed, counted).padStart(5)} %  ${killed} of ${counted}, ${timedOut} by time  ${file}\n`,
    );
    for (const { location, mutatorName, replacement } of left) {
      const { line, column } = location.start;
      process.stdout.write(`         ${line}:${column} ${mutatorName}: ${replacement ?? ''}\n`);
    }
  }
} finally {
  rmSync(home, { recursive: true, force: true });
}
const inAll = percent(all.killed, all.counted);
process.stdout.write(
  `${inAll.padStart(5)} %  ${all.killed} of ${all.counted}, ${all.timedOut} by time\n`,
);
if (Number(inAll) < goal) process.exitCode = 1;
