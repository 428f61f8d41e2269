import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { checkFree } from '../../../src/platform/http/lifecycle.ts';

test('an address that is taken is refused with what to do, and one that is free is left free', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const address = { host: '127.0.0.1', port };
  await expect(checkFree(address)).rejects.toThrow('it is taken; set PORT to another');
  await new Promise((resolve) => server.close(resolve));
  await checkFree(address);
  await checkFree(address);
});
