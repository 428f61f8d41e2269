import { createHash } from 'node:crypto';
import { Agent, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createHttpServer } from '../../src/platform/http/server.ts';
import type { Randomness } from '../../src/platform/randomness.ts';
import { customerIdOf, serviceIdOf } from '../../src/records/index.ts';
import type { Partner } from '../../src/partners/index.ts';
import { service } from '../support/given.ts';
import { saltsAside } from './salts-aside.ts';
import { openHouse, testClock, type House, type TestClock } from '../support/house.ts';
import type { Program } from './program.ts';

/** One of the two databases with the gateway in front, for many pairs one after another. */
export interface World {
  readonly program: Program;
  readonly house: House;
  readonly clock: TestClock;
  /** From here on chance follows from this name, whatever was drawn before. */
  readonly begin: (step: string) => void;
  /** Sends one request and hears the whole answer. */
  readonly ask: (asked: Asked) => Promise<Heard>;
  readonly close: () => Promise<void>;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** Every byte of an answer but the date, and what the salts of the head log make random. */
export interface Heard {
  readonly status: string;
  readonly headers: string;
  readonly body: string;
}

const examples = join(import.meta.dirname, '..', '..', 'examples');

/** Two worlds with nothing in them but the services. */
export async function openWorlds(program: Program): Promise<readonly [World, World]> {
  return [await openWorld(program), await openWorld(program)];
}

async function openWorld(program: Program): Promise<World> {
  const chance = namedChance();
  const clock = testClock();
  const house = await openHouse({
    clock,
    random: chance,
    settings: { recordTypesDir: join(examples, 'northwind', 'records') },
  });
  const { tools } = house;
  const server = createHttpServer(program.createGateway(tools), tools.random);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const { host } = new URL(tools.settings.origin);
  const world: World = {
    program,
    house,
    clock,
    begin: chance.begin,
    ask: (asked) => ask({ server, agent, host }, asked),
    close: async () => {
      agent.destroy();
      await new Promise((resolve) => server.close(resolve));
      await program.closeLogWriter(tools.db);
      await house.close();
    },
  };
  await take(world, [service('store'), service('archive')]);
  return world;
}

/** Chance that follows from the name of the step and how much was drawn in it. */
function namedChance(): Randomness & { begin: (step: string) => void } {
  let step = 'opening';
  let drawn = 0;
  return {
    begin: (name) => {
      step = name;
      drawn = 0;
    },
    bytes: (size) => {
      const blocks: Buffer[] = [];
      for (let made = 0; made < size; made += 64) {
        drawn += 1;
        blocks.push(
          createHash('sha512')
            .update(`${step} ${String(drawn)}`)
            .digest(),
        );
      }
      return Buffer.concat(blocks).subarray(0, size);
    },
  };
}

async function ask(
  { server, agent, host }: { server: Server; agent: Agent; host: string },
  asked: Asked,
): Promise<Heard> {
  const { port } = server.address() as AddressInfo;
  const { method, path, headers, body } = asked;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = httpRequest(
      // The port is another in each world, and must not be heard.
      {
        agent,
        port,
        method,
        path,
        host: '127.0.0.1',
        headers: { Host: host, ...headers },
      },
      resolve,
    );
    sent.once('error', reject);
    sent.end(body);
  });
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part as Buffer);
  const raw = answer.rawHeaders;
  const lines = raw.flatMap((name, i) =>
    i % 2 === 0 && name !== 'Date' ? [`${name}: ${raw[i + 1] ?? ''}`] : [],
  );
  return {
    status: `${String(answer.statusCode)} ${answer.statusMessage ?? ''}`,
    headers: [...lines, ...answer.rawTrailers].join('\n'),
    body: saltsAside(path, Buffer.concat(parts).toString('latin1')),
  };
}

/** Takes records in and insists that none is refused. */
export async function take(
  { program, house }: World,
  records: readonly (readonly [type: string, value: Record<string, unknown>])[],
): Promise<void> {
  const offered = records.map(([type, value], i) => ({ type, value, file: 'given', line: i + 1 }));
  const taken = await program.takeRecords(house.tools, { records: offered });
  const refused = taken.find(({ outcome }) => outcome === 'rejected');
  if (refused) throw new Error(`A given record was refused: ${JSON.stringify(refused)}`);
}

/** What is said of a relationship between a partner and a customer. */
export interface Relating {
  readonly partner: Partner;
  readonly customer: string;
  readonly service?: string;
  readonly at?: Date;
}

export async function relate({ program, house }: World, relating: Relating): Promise<void> {
  await program.relateCustomer(house.tools, { ...changeOf(relating), reference: null });
}

/** Where the customer has refused sharing meanwhile, nothing begins, and nothing happened. */
export async function relateIfAllowed(world: World, relating: Relating): Promise<void> {
  await relate(world, relating).catch((error: unknown) => {
    const { kind } = error as { kind?: { code: string } };
    if (kind?.code !== 'invalid-relationship-event') throw error;
  });
}

export async function book(
  { program, house }: World,
  event: Parameters<Program['changeRelationship']>[1]['event'],
  relating: Relating,
): Promise<void> {
  await program.changeRelationship(house.tools, { ...changeOf(relating), event });
}

/** A customer refuses all sharing, or sharing with one partner. */
export async function refuse(
  { program, house, clock }: World,
  { customer, partner, at = clock.now() }: { customer: string; partner?: Partner; at?: Date },
): Promise<void> {
  await program.setChoice(house.tools, {
    customerId: customerIdOf(customer),
    partner,
    sharing: 'refused',
    at,
    evidence: 'given',
    actor: 'test',
  });
}

function changeOf({ partner, customer, service = 'store', at = began }: Relating) {
  const ids = { customerId: customerIdOf(customer), serviceId: serviceIdOf(service) };
  return { partner, ...ids, at, evidence: 'given', actor: 'test' };
}

const began = new Date('2026-01-01T00:00:00Z');

/** A token of a client, as it is asked for. */
export async function tokenOf(
  world: World,
  { clientId, secret }: { clientId: string; secret: string },
  form: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { body } = await world.ask({
    method: 'POST',
    path: '/oauth/token',
    headers: { ...basicOf(clientId, secret), ...formType },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...form }).toString(),
  });
  const { access_token: token } = JSON.parse(body) as { access_token?: string };
  if (token === undefined) throw new Error(`No token: ${body}`);
  return token;
}

export const formType = { 'Content-Type': 'application/x-www-form-urlencoded' };

export function basicOf(clientId: string, secret: string): Record<string, string> {
  return { Authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` };
}
