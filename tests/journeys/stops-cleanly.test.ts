import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { hasPostmaster, openFaultHouse, type FaultHouse } from '../faults/gateway-process.ts';
import { pagesIn, unlogged } from '../faults/logged-pages.ts';
import { startPulling, walks } from '../faults/pulls.ts';

jest.setTimeout(120_000);

let house: FaultHouse;
beforeAll(async () => {
  house = await openFaultHouse({ customers: 40 });
});
afterAll(() => house.close());

test('SIGTERM under load: no request that was taken fails, and all is stopped within 10 s', async () => {
  for (let round = 0; round < 3; round += 1) {
    const gateway = await house.serve();
    const pulling = startPulling(gateway, { clients: 50, asks: walks(20) });
    await pulling.hasSeen(100);
    // Who is connected and says nothing does not hold it up either.
    const mute = round === 0 ? connect(gateway.port, '127.0.0.1') : undefined;
    mute?.on('error', () => undefined);
    await wait(Math.random() * 300);
    const toldAt = performance.now();
    gateway.child.process.kill('SIGTERM');
    expect(await gateway.child.ended()).toBe(0);
    expect(performance.now() - toldAt).toBeLessThan(10_000);
    expect(hasPostmaster(house)).toBe(false);

    const pulled = await pulling.stop();
    // Who comes when nobody listens any more is refused by the operating system, and has sent nothing.
    const failed = pulled.filter(({ status, error }) => status !== 200 && error !== 'ECONNREFUSED');
    expect(failed).toEqual([]);
    expect(pagesIn(pulled).every(({ payload }) => payload !== undefined)).toBe(true);
    expect(await unlogged(house, pulled)).toEqual([]);
  }
});
