export type Cidr = { readonly base: number; readonly bits: number; readonly size: number };

/** An IPv4 address as a number, or undefined. */
export const parseIp = (text: string): number | undefined => {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
};

export const writeIp = (ip: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(ip / 2 ** shift) % 256).join('.');

/** An IPv4 block, or undefined when the text is none or its address lies inside the block. */
export const parseCidr = (text: string): Cidr | undefined => {
  const [address = '', bitsText = ''] = text.split('/');
  const base = parseIp(address);
  const bits = Number(bitsText);
  if (base === undefined || !/^\d{1,2}$/.test(bitsText) || bits > 32) return undefined;
  const size = 2 ** (32 - bits);
  return { base: base - (base % size), bits, size };
};

export const contains = (cidr: Cidr, ip: number): boolean => ip >= cidr.base && ip < cidr.base + cidr.size;

/** Whether EC2 lets an interface have the address: the first four and the last of a subnet are AWS's own. */
export const isAssignable = (cidr: Cidr, ip: number): boolean => ip >= cidr.base + 4 && ip < cidr.base + cidr.size - 1;
