import { BlockList, isIP, SocketAddress } from 'node:net';

const mostNetworks = 32;

/**
 * An address in the one form that it has here: IPv4 also where it came inside IPv6, IPv6 as short as
 * it gets. Undefined where it is none.
 */
export function addressOf(text: string): string | undefined {
  if (isIP(text) === 4) return text;
  if (isIP(text) === 0 || text.includes('%')) return undefined;
  const { address } = new SocketAddress({ address: text, family: 'ipv6' });
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1] ?? address;
}

/**
 * Reads networks, parted by commas: "203.0.113.0/24, 2001:db8::/32"; an address alone is a network of
 * one. Or says in one sentence what is wrong.
 */
export function readNetworks(
  text: string,
): { readonly networks: readonly string[] } | { readonly wrong: string } {
  const networks: string[] = [];
  for (const given of text.split(',').map((one) => one.trim())) {
    const network = readNetwork(given);
    if (network === undefined) {
      return { wrong: 'A network is an address and its bits, such as 203.0.113.0/24 or 2001:db8::/32, with no bit set behind them.' }; // prettier-ignore
    }
    networks.push(network);
  }
  if (networks.length > mostNetworks) return { wrong: `There are ${String(mostNetworks)} networks at most.` }; // prettier-ignore
  return { networks: [...new Set(networks)] };
}

/** Networks that addresses are looked for in; they are as `readNetworks` gives them. */
export function networkList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    list.addSubnet(address, Number(bits), familyOf(address));
  }
  return list;
}

/** Whether an address (see `addressOf`) lies in one of the networks. */
export function isListed(list: BlockList, address: string): boolean {
  return isIP(address) !== 0 && list.check(address, familyOf(address));
}

const loopback = networkList(['127.0.0.0/8', '::1/128']);

/** Whether an address never leaves this machine. */
export function isLoopback(address: string): boolean {
  return isListed(loopback, address);
}

function readNetwork(text: string): string | undefined {
  const [, given = '', bits] = /^([0-9A-Fa-f.:]{2,45})(?:\/([0-9]{1,3}))?$/.exec(text) ?? [];
  const address = addressOf(given);
  if (address === undefined) return undefined;
  const width = isIP(address) === 6 ? 128 : 32;
  // Whoever writes an IPv4 network as IPv6 counts other bits.
  if (isIP(given) !== isIP(address)) return undefined;
  const length = bits === undefined ? width : Number(bits);
  // All addresses are not a network: who wants them names none.
  if (length < 1 || length > width) return undefined;
  const hidden = (1n << BigInt(width - length)) - 1n;
  if ((numberOf(address) & hidden) !== 0n) return undefined;
  return `${address}/${String(length)}`;
}

function numberOf(address: string): bigint {
  if (isIP(address) === 4) {
    return address.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
  }
  const [head = '', tail] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const [before, behind] = [groups(head), groups(tail ?? '')];
  const zeros = Array.from({ length: 8 - before.length - behind.length }, () => '0');
  return [...before, ...zeros, ...behind].reduce(
    (sum, one) => (sum << 16n) | BigInt(`0x${one}`),
    0n,
  );
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
