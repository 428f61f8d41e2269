import { beforeAll, expect, test } from '@jest/globals';
import request from 'supertest';
import { endpoint, type Endpoint } from '../../../src/platform/http/endpoint.ts';
import { createApp } from '../../../src/platform/http/app.ts';
import { peerOf } from '../../../src/platform/http/peer.ts';
import { answerProblems } from '../../../src/platform/http/problems.ts';
import { systemRandomness } from '../../../src/platform/randomness.ts';
import { pino } from 'pino';
import { selfSigned, type MadeCertificate } from '../../support/certificates.ts';
import { goodToken, openAnswer, smallApp, type Guest } from './small-app.ts';

let made: MadeCertificate;
let header: string;
beforeAll(async () => {
  made = await selfSigned('client.example');
  header = `:${made.cert.replaceAll(/-----[A-Z ]+-----|\s/g, '')}:`;
});

type Transport = Parameters<typeof createApp>[0]['settings'];
const alone: Transport = { origin: 'http://127.0.0.1', mtlsPort: undefined, trustedProxies: [], takesClientCert: false }; // prettier-ignore
/** The test itself is the proxy. */
const behind = { ...alone, trustedProxies: ['127.0.0.0/8', '10.0.0.0/8'] };
const telling = { ...behind, takesClientCert: true };

/** Answers what is known of the peer. */
function whoAsks(settings: Transport) {
  const log = pino({ level: 'silent' });
  const app = createApp({ settings, random: systemRandomness, log });
  app.get('/', (asks, response) => response.json(peerOf(asks)));
  app.use(answerProblems(log));
  return request(app).get('/');
}

const forwarded = { 'X-Forwarded-For': '1.2.3.4', 'X-Forwarded-Proto': 'https' };
const here = { address: '127.0.0.1', isPrivate: true };

test('bad input E34: X-Forwarded-… from nobody that is named changes nothing', async () => {
  const sent = whoAsks(alone).set('X-Forwarded-For', '1.2.3.4').set('X-Forwarded-Proto', 'http');
  expect((await sent).body).toEqual(here);
});

test.each([
  ['1.2.3.4', '1.2.3.4'],
  ['6.6.6.6, 1.2.3.4', '1.2.3.4'],
  ['127.0.0.1, 1.2.3.4', '1.2.3.4'],
  ['6.6.6.6,1.2.3.4, 10.0.0.7,10.0.0.8', '1.2.3.4'],
  ['2001:DB8::0:1', '2001:db8::1'],
  ['::ffff:1.2.3.4', '1.2.3.4'],
  ['10.0.0.7', '10.0.0.7'],
  ['nonsense, 1.2.3.4', '1.2.3.4'],
])('behind a proxy, X-Forwarded-For: %s is %s', async (told, address) => {
  const sent = whoAsks(behind).set('X-Forwarded-For', told).set('X-Forwarded-Proto', 'https');
  expect((await sent).body).toEqual({ address, isPrivate: true });
});

test.each(['', 'unknown', '1.2.3.4:99', '1.2.3.4, ', '1.2.3.4, nonsense'])(
  'a proxy whose X-Forwarded-For is %j is not understood, and nothing is guessed',
  async (told) => {
    const answer = await whoAsks(behind).set('X-Forwarded-For', told);
    expect([answer.status, answer.body]).toEqual([400, expect.objectContaining({ code: 'bad-request' })]); // prettier-ignore
  },
);

test.each(['http', 'HTTPS, http', 'https, https', ''])(
  'X-Forwarded-Proto: %s is not https',
  async (told) => {
    const sent = whoAsks(behind).set('X-Forwarded-For', '1.2.3.4').set('X-Forwarded-Proto', told);
    expect((await sent).body).toEqual({ address: '1.2.3.4', isPrivate: false });
  },
);

test('a proxy that tells how a client came and not who it is is refused', async () => {
  const answer = await whoAsks(behind).set('X-Forwarded-Proto', 'https');
  expect([answer.status, answer.body]).toEqual([
    400,
    expect.objectContaining({ detail: expect.stringContaining('without X-Forwarded-For') }),
  ]);
});

test('what a named proxy asks for itself is its own', async () => {
  expect((await whoAsks(behind)).body).toEqual(here);
});

test('the certificate of a client comes from a proxy that is named for it', async () => {
  const sent = whoAsks(telling).set({ ...forwarded, 'Client-Cert': header });
  const { thumbprint: certificate } = made;
  expect((await sent).body).toEqual({ address: '1.2.3.4', isPrivate: true, certificate });
});

test.each<[string, Transport, () => Record<string, string>]>([
  ['from nobody that is named', alone, () => ({ 'Client-Cert': header })],
  ['where the proxies are not named for it', behind, () => ({ 'Client-Cert': header, ...forwarded })], // prettier-ignore
  ['that was not forwarded', telling, () => ({ 'Client-Cert': header })],
  ['that is none', telling, () => ({ 'Client-Cert': ':AAAA:', ...forwarded })],
  ['that is PEM', telling, () => ({ 'Client-Cert': encodeURIComponent(made.cert), ...forwarded })], // prettier-ignore
  ['with more behind it', telling, () => ({ 'Client-Cert': `${header.slice(0, -1)}AAAA:`, ...forwarded })], // prettier-ignore
  ['given twice', telling, () => ({ 'Client-Cert': `${header}, ${header}`, ...forwarded })], // prettier-ignore
])('a Client-Cert %s is refused', async (_name, settings, headers) => {
  const answer = await whoAsks(settings).set(headers());
  expect([answer.status, answer.body]).toEqual([400, expect.objectContaining({ code: 'bad-request' })]); // prettier-ignore
});

test('a token that came in clear is refused and never looked at', async () => {
  const public_ = endpoint({
    method: 'get',
    path: '/public',
    public: true,
    gives: 'tokens/protected-resource',
    status: 200,
    does: () => Promise.resolve(openAnswer),
  }) satisfies Endpoint<Guest>;
  const app = smallApp([public_], undefined, undefined, behind);
  const get = (path: string, told: string) =>
    request(app)
      .get(path)
      .set('Authorization', `Bearer ${goodToken}`)
      .set('X-Forwarded-For', '1.2.3.4')
      .set('X-Forwarded-Proto', told);
  expect((await get('/v1/customers', 'https')).status).toBe(200);
  const refused = await get('/v1/customers', 'http');
  expect([refused.status, refused.body]).toEqual([403, expect.objectContaining({ code: 'tls-required' })]); // prettier-ignore
  expect(refused.text).not.toContain(goodToken);
  expect((await get('/public', 'http')).status).toBe(200);
});
