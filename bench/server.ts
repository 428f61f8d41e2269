import type { RequestListener } from 'node:http';
import { listen } from '../src/platform/http/lifecycle.ts';
import { systemRandomness } from '../src/platform/randomness.ts';
import { baselineApp } from './baseline.ts';
import { benchTools, type Site } from './bench-tools.ts';
import { variants } from './variants.ts';

/** A process of the bench that serves: the baseline, or every variant of ours, each on its port. */
export interface ServerOrder {
  readonly site: Site;
  readonly serve: 'baseline' | 'ours';
}

/** User and system time of the process so far, in microseconds. */
export interface CpuAnswer {
  readonly cpuMicros: number;
}

process.once('message', (order: ServerOrder) => void start(order));
process.once('disconnect', () => process.exit());

async function start({ site, serve }: ServerOrder): Promise<void> {
  const ports: Record<string, number> = {};
  for (const [name, app] of Object.entries(appsOf(site, serve))) {
    const at = { host: '127.0.0.1', port: 0, random: systemRandomness };
    ports[name] = (await listen(app, at)).port;
  }
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuMicros: user + system } satisfies CpuAnswer);
  });
  process.send?.(ports);
}

function appsOf(site: Site, serve: ServerOrder['serve']): Record<string, RequestListener> {
  if (serve === 'baseline') return { baseline: baselineApp(site.logins.app) };
  const tools = benchTools(site, 'gateway.log');
  return Object.fromEntries(Object.entries(variants).map(([name, { app }]) => [name, app(tools)]));
}
