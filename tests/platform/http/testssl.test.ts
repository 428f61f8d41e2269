import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, jest, test } from '@jest/globals';
import { pino } from 'pino';
import { systemClock } from '../../../src/platform/clock.ts';
import { listen } from '../../../src/platform/http/lifecycle.ts';
import { openTls } from '../../../src/platform/http/tls.ts';
import { systemRandomness } from '../../../src/platform/randomness.ts';
import { selfSigned } from '../../support/certificates.ts';
import { startProgram } from '../../support/child.ts';
import { smallApp } from './small-app.ts';

jest.setTimeout(300_000);
const folder = mkdtempSync(join(tmpdir(), 'sluice-testssl-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const program = 'testssl';
const isWanted = process.env['SLUICE_TEST_TESTSSL'] === '1';
const isThere = isWanted && spawnSync(program, ['--version']).error === undefined;
const fullTest = isThere ? test : test.skip;
const because = isWanted ? 'testssl.sh is not installed' : 'in the full run alone';
const note = isThere ? '' : ` (skipped: ${because})`;

interface Finding {
  readonly id: string;
  readonly severity: string;
  readonly finding: string;
}

fullTest.each([
  ['an elliptic key', {}],
  ['an RSA key', { rsaBits: 2048 }],
])(
  `testssl.sh finds nothing of weight in protocols and ciphers, with %s${note}`,
  async (_name, key) => {
    const made = await selfSigned('127.0.0.1', key);
    const files = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
    writeFileSync(files.certFile, made.cert);
    writeFileSync(files.keyFile, made.key);
    const tls = await openTls(files, { clock: systemClock, log: pino({ level: 'silent' }) });
    const at = { host: '127.0.0.1', port: 0, random: systemRandomness, tls };
    const server = await listen(smallApp(), at);
    const report = join(folder, `${String(server.port)}.json`);
    // Protocols, standard ciphers, forward secrecy, the server's own order, and the known holes.
    const looks = ['-p', '-s', '-f', '-P', '-U', '--quiet', '--color', '0', '--warnings', 'off'];
    const looked = startProgram(program, [...looks, '--jsonfile', report, `127.0.0.1:${String(server.port)}`]); // prettier-ignore
    await looked.ended();
    await server.stop(0);
    const findings = JSON.parse(readFileSync(report, 'utf8')) as readonly Finding[];
    expect(findings.length).toBeGreaterThan(30);
    expect(findings.find(({ id }) => id === 'TLS1_3')).toMatchObject({ severity: 'OK' });
    const weighty = findings.filter(({ severity }) => ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL', 'WARN', 'FATAL'].includes(severity)); // prettier-ignore
    expect(weighty).toEqual([]);
  },
);
